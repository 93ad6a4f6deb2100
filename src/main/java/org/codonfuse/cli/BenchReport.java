package org.codonfuse.cli;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says what a benchmark measured: as JSON, or as a table under the backends that computed. */
final class BenchReport {
  private BenchReport() {}

  /** A line of the table. */
  interface Row {
    /** The same for JSON. */
    Map<String, Object> toMap();

    /** The line. */
    String toLine();
  }

  /**
   * Says it.
   *
   * @param backends what computed
   * @param header the first line of the table
   */
  static void write(
      Console console,
      JsonOption json,
      Collection<String> backends,
      String header,
      List<? extends Row> rows) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("backend", String.join("; ", backends));
      result.put("results", rows.stream().map(Row::toMap).toList());
      console.json(result);
      return;
    }
    backends.forEach(console::print);
    console.print(header);
    rows.forEach(row -> console.print(row.toLine()));
  }
}

package org.codonfuse.io;

import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** CSV files as results are written in: a header line, quotes where needed, Unix line ends. */
public final class CsvFile {
  private CsvFile() {}

  /**
   * Writes a table, see {@link AtomicFiles#write}.
   *
   * @param rows each with a cell per column
   */
  public static void write(Path file, List<String> columns, Iterable<? extends List<String>> rows) {
    AtomicFiles.write(
        file,
        out -> {
          CSVPrinter printer =
              new CSVPrinter(
                  new OutputStreamWriter(out, StandardCharsets.UTF_8),
                  CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get());
          printer.printRecord(columns);
          printer.printRecords(rows);
          printer.flush();
        });
  }
}

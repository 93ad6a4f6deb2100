package org.codonfuse.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table of text.
 *
 * @param header names of the columns
 * @param rows their cells
 */
record Grid(List<String> header, List<List<String>> rows) {
  /** As Markdown. */
  List<String> markdown() {
    List<String> lines = new ArrayList<>();
    lines.add(line(header));
    lines.add(line(header.stream().map(_ -> "---").toList()));
    rows.forEach(row -> lines.add(line(row)));
    return lines;
  }

  private static String line(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }

  /** As columns of a terminal, in which bold is a star behind the cell. */
  List<String> text() {
    List<List<String>> all = new ArrayList<>();
    all.add(header);
    rows.forEach(row -> all.add(row.stream().map(Grid::plain).toList()));
    int[] widths =
        IntStream.range(0, header.size())
            .map(c -> all.stream().mapToInt(row -> row.get(c).length()).max().orElse(0))
            .toArray();
    return all.stream()
        .map(
            row ->
                IntStream.range(0, widths.length)
                    .mapToObj(c -> row.get(c) + " ".repeat(widths[c] - row.get(c).length()))
                    .collect(Collectors.joining("  "))
                    .stripTrailing())
        .toList();
  }

  private static String plain(String cell) {
    return cell.startsWith("**") ? cell.replace("**", "") + " *" : cell;
  }
}

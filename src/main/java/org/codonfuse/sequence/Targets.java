package org.codonfuse.sequence;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;

/**
 * The targets of a file as numbers.
 *
 * @param task what they are
 * @param classes the classes by index, empty for regression
 * @param values one per record: the number, or the index of the class
 */
record Targets(Task task, List<String> classes, List<Double> values) {
  private static final Pattern INTEGER = Pattern.compile("[+-]?\\d{1,18}");
  private static final Set<String> NOT_FINITE = Set.of("nan", "inf", "infinity");

  static Targets of(SequenceTable table, List<SequenceRecord> records, DatasetOptions options) {
    String column = table.targetColumn().orElseThrow(() -> missing(table));
    for (SequenceRecord entry : records) {
      if (text(entry).isEmpty()) {
        throw new CodonfuseException(
            table.whereLabel(entry)
                + ": the target in column '"
                + column
                + "' is empty; fill it in or remove the row.");
      }
    }
    long numbers = records.stream().filter(entry -> CsvTable.isNumber(text(entry))).count();
    Task task = options.task().orElse(numbers == 0 ? Task.CLASSIFICATION : Task.REGRESSION);
    return switch (task) {
      case REGRESSION -> new Targets(task, List.of(), numbers(table, records, column, numbers));
      case CLASSIFICATION -> classes(table, records, column, options);
    };
  }

  private static CodonfuseException missing(SequenceTable table) {
    return new CodonfuseException(
        table.columns().isEmpty()
            ? table.source() + ": FASTA has no targets; give a CSV file of them with --labels."
            : table.labels()
                + ": no column is named like a target (Value, target, label, y); choose"
                + " --target-column among "
                + String.join(", ", table.columns())
                + ".");
  }

  private static List<Double> numbers(
      SequenceTable table, List<SequenceRecord> records, String column, long numbers) {
    for (SequenceRecord entry : records) {
      String text = text(entry);
      if (!CsvTable.isNumber(text) || !Double.isFinite(Double.parseDouble(text))) {
        boolean finite = !CsvTable.isNumber(text) && !isNotFinite(text);
        throw new CodonfuseException(
            table.whereLabel(entry)
                + ": the target '"
                + text
                + "' in column '"
                + column
                + (finite ? "' is not a number" : "' is not a finite number")
                + "; correct it or remove the row"
                + (finite && 2 * numbers < records.size()
                    ? ", or give --task classification if the column holds classes."
                    : "."));
      }
    }
    return records.stream().map(entry -> Double.valueOf(text(entry))).toList();
  }

  private static Targets classes(
      SequenceTable table, List<SequenceRecord> records, String column, DatasetOptions options) {
    List<String> found =
        records.stream().map(Targets::text).distinct().sorted(order(records)).toList();
    if (options.classes().isEmpty() && found.size() > 2 && 2 * found.size() > records.size()) {
      throw new CodonfuseException(
          table.labels()
              + ": column '"
              + column
              + "' has "
              + found.size()
              + " different values in "
              + records.size()
              + " rows, which are no classes; choose another with --target-column.");
    }
    List<String> classes = options.classes().isEmpty() ? found : options.classes();
    for (SequenceRecord entry : records) {
      if (!classes.contains(text(entry))) {
        throw new CodonfuseException(
            table.whereLabel(entry)
                + ": the class '"
                + text(entry)
                + "' is not one that the model knows ("
                + String.join(", ", classes)
                + "); correct it or remove the row.");
      }
    }
    List<Double> values =
        records.stream().map(entry -> (double) classes.indexOf(text(entry))).toList();
    return new Targets(Task.CLASSIFICATION, classes, values);
  }

  private static Comparator<String> order(List<SequenceRecord> records) {
    return records.stream().allMatch(entry -> INTEGER.matcher(text(entry)).matches())
        ? Comparator.comparing(Long::valueOf)
        : Comparator.naturalOrder();
  }

  private static String text(SequenceRecord entry) {
    return entry.target().orElseThrow();
  }

  private static boolean isNotFinite(String text) {
    String bare = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    return NOT_FINITE.contains(bare.toLowerCase(Locale.ROOT));
  }
}

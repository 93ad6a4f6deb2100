package org.codonfuse.sequence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;

/**
 * The targets of a file as numbers.
 *
 * @param task what they are
 * @param names the columns that they come from; empty where they are not known
 * @param classes the classes by index, empty for regression
 * @param values [record][target]: the number, NaN where one of several is missing; or the index of
 *     the class
 */
record Targets(Task task, List<String> names, List<String> classes, List<List<Double>> values) {
  private static final Pattern INTEGER = Pattern.compile("[+-]?\\d{1,18}");
  private static final Set<String> NOT_FINITE = Set.of("nan", "inf", "infinity");
  private static final Set<String> MISSING = Set.of("", "na", "nan");

  static Targets of(SequenceTable table, List<SequenceRecord> records, DatasetOptions options) {
    List<String> columns = table.targetColumns();
    if (columns.isEmpty()) {
      throw missing(table);
    }
    if (columns.size() > 1) {
      return several(table, records, options);
    }
    String column = columns.getFirst();
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
      case REGRESSION ->
          new Targets(
              task, columns, List.of(), numbers(table, records, 2 * numbers < records.size()));
      case CLASSIFICATION -> classes(table, records, column, options);
    };
  }

  /** What is known of records whose targets are not read. */
  static Targets unknown(Task task, List<String> classes, int records) {
    return new Targets(
        task,
        List.of(),
        classes,
        Stream.generate(() -> List.of(Double.NaN)).limit(records).toList());
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

  private static Targets several(
      SequenceTable table, List<SequenceRecord> records, DatasetOptions options) {
    List<String> columns = table.targetColumns();
    if (options.task().filter(task -> task == Task.CLASSIFICATION).isPresent()) {
      throw new UsageException(
          "several targets (%s) are predicted as numbers; give one --target-column for classes."
              .formatted(String.join(", ", columns)));
    }
    for (SequenceRecord entry : records) {
      if (entry.targets().stream().allMatch(Targets::isMissing)) {
        throw new CodonfuseException(
            "%s: every target (%s) is missing; fill one in or remove the row."
                .formatted(table.whereLabel(entry), String.join(", ", columns)));
      }
    }
    return new Targets(Task.REGRESSION, columns, List.of(), numbers(table, records, false));
  }

  private static boolean isMissing(String text) {
    return MISSING.contains(text.toLowerCase(Locale.ROOT));
  }

  private static List<List<Double>> numbers(
      SequenceTable table, List<SequenceRecord> records, boolean likeClasses) {
    boolean several = table.targetColumns().size() > 1;
    List<List<Double>> values = new ArrayList<>();
    for (SequenceRecord entry : records) {
      List<Double> row = new ArrayList<>();
      for (int i = 0; i < entry.targets().size(); i++) {
        String text = entry.targets().get(i);
        row.add(several && isMissing(text) ? Double.NaN : number(table, entry, i, likeClasses));
      }
      values.add(row);
    }
    return values;
  }

  private static double number(
      SequenceTable table, SequenceRecord entry, int target, boolean likeClasses) {
    String text = entry.targets().get(target);
    boolean number = CsvTable.isNumber(text);
    if (number && Double.isFinite(Double.parseDouble(text))) {
      return Double.parseDouble(text);
    }
    boolean finite = !number && !isNotFinite(text);
    throw new CodonfuseException(
        table.whereLabel(entry)
            + ": the target '"
            + text
            + "' in column '"
            + table.targetColumns().get(target)
            + (finite ? "' is not a number" : "' is not a finite number")
            + "; correct it or remove the row"
            + (finite && likeClasses
                ? ", or give --task classification if the column holds classes."
                : "."));
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
    List<List<Double>> values =
        records.stream().map(entry -> List.of((double) classes.indexOf(text(entry)))).toList();
    return new Targets(Task.CLASSIFICATION, List.of(column), classes, values);
  }

  private static Comparator<String> order(List<SequenceRecord> records) {
    return records.stream().allMatch(entry -> INTEGER.matcher(text(entry)).matches())
        ? Comparator.comparing(Long::valueOf)
        : Comparator.naturalOrder();
  }

  private static String text(SequenceRecord entry) {
    return entry.targets().getFirst();
  }

  private static boolean isNotFinite(String text) {
    String bare = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    return NOT_FINITE.contains(bare.toLowerCase(Locale.ROOT));
  }
}

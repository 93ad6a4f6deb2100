package org.codonfuse.sequence;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;

/** Reads sequences with their targets and splits from CSV or FASTA, told by the first character. */
public final class SequenceReader {
  private static final List<String> SEQUENCE = List.of("Sequence", "CDS", "RNA", "mRNA", "seq");
  private static final String TARGET_OPTION = "--target-column";
  private static final List<String> TARGET = List.of("Value", "target", "label", "y");
  private static final List<String> SPLIT = List.of("Split");
  private static final List<String> ID = List.of("id", "name");

  /** What is read beside sequences and their names. */
  private enum Columns {
    ALL,
    SPLIT,
    NONE
  }

  private SequenceReader() {}

  /**
   * Reads a file.
   *
   * @throws CodonfuseException if it cannot be read, is malformed or empty, lacks a column, or two
   *     records have the same identifier
   */
  public static SequenceTable read(Path path, ReadOptions options) {
    return read(path, options, Columns.ALL);
  }

  /**
   * Reads a file for its sequences alone: targets and splits are neither looked for nor read.
   *
   * @throws CodonfuseException as {@link #read(Path, ReadOptions)}
   */
  public static SequenceTable readUnlabelled(Path path, ReadOptions options) {
    return read(path, options, Columns.NONE);
  }

  /**
   * Reads a file for its sequences and splits: targets are not looked for.
   *
   * @throws CodonfuseException as {@link #read(Path, ReadOptions)}
   */
  public static SequenceTable readDivided(Path path, ReadOptions options) {
    return read(path, options, Columns.SPLIT);
  }

  /**
   * Whether a file says what is to be predicted: where a column was named, or one is named like a
   * target.
   *
   * @throws CodonfuseException if it cannot be read
   */
  static boolean hasTargets(Path path, ReadOptions options) {
    if (!options.targetColumns().isEmpty() || options.labels().isPresent()) {
      return true;
    }
    try (TextSource source = TextSource.open(path)) {
      return !FastaFile.looksLike(source.peek())
          && CsvTable.read(source).detect(TARGET, TARGET_OPTION).isPresent();
    } catch (IOException e) {
      throw TextSource.failure(path, e);
    }
  }

  private static SequenceTable read(Path path, ReadOptions options, Columns wanted) {
    try (TextSource source = TextSource.open(path)) {
      String beginning = source.peek();
      if (beginning.isBlank()) {
        throw new CodonfuseException(path + ": is empty; give a CSV or FASTA file.");
      }
      return FastaFile.looksLike(beginning)
          ? fasta(source, options, wanted)
          : csv(source, options, wanted);
    } catch (IOException e) {
      throw TextSource.failure(path, e);
    }
  }

  private static SequenceTable csv(TextSource source, ReadOptions options, Columns wanted) {
    Path path = source.path();
    if (options.labels().isPresent()) {
      throw new UsageException(
          path + ": is no FASTA file, which --labels is for; leave it out or give a FASTA file.");
    }
    CsvTable table = CsvTable.read(source);
    int sequence =
        table
            .find(options.sequenceColumn(), SEQUENCE, "--sequence-column")
            .orElseThrow(
                () ->
                    new CodonfuseException(
                        path
                            + ": no column is named like a sequence ("
                            + String.join(", ", SEQUENCE)
                            + "); "
                            + table.choose("--sequence-column")));
    Labels labels = Labels.of(table, options, wanted);
    var records = new ArrayList<SequenceRecord>();
    for (CsvTable.Row row : table.rows()) {
      String id = labels.id().isPresent() ? labels.id(row) : String.valueOf(records.size() + 1);
      records.add(
          new SequenceRecord(
              id,
              row.cells().get(sequence),
              labels.targets(row),
              labels.split(row),
              row.line(),
              row.line()));
    }
    checkUnique(path, records);
    return labels.table(path, records, 0);
  }

  private static SequenceTable fasta(TextSource source, ReadOptions options, Columns wanted) {
    Path path = source.path();
    if (options.sequenceColumn().isPresent()) {
      throw new UsageException(
          path + ": is a FASTA file, which has no columns; leave out --sequence-column.");
    }
    List<SequenceRecord> sequences = FastaFile.read(source);
    checkUnique(path, sequences);
    if (options.labels().isEmpty() || wanted == Columns.NONE) {
      if (wanted != Columns.NONE
          && (!options.targetColumns().isEmpty()
              || options.splitColumn().or(options::idColumn).isPresent())) {
        throw new UsageException(
            path
                + ": is a FASTA file, which has no columns; give the CSV file of them with"
                + " --labels.");
      }
      return new SequenceTable(path, path, sequences, List.of(), List.of(), Optional.empty(), 0);
    }
    return join(path, sequences, CsvTable.read(options.labels().get()), options, wanted);
  }

  private static SequenceTable join(
      Path path,
      List<SequenceRecord> sequences,
      CsvTable table,
      ReadOptions options,
      Columns wanted) {
    Labels labels = Labels.of(table, options, wanted);
    if (labels.id().isEmpty()) {
      throw new CodonfuseException(
          table.source()
              + ": no column is named like an identifier ("
              + String.join(", ", ID)
              + "); "
              + table.choose("--id-column"));
    }
    Map<String, CsvTable.Row> rows = new HashMap<>();
    for (CsvTable.Row row : table.rows()) {
      CsvTable.Row other = rows.putIfAbsent(labels.id(row), row);
      if (other != null) {
        throw duplicate(table.source(), labels.id(row), other.line(), row.line());
      }
    }
    var records = new ArrayList<SequenceRecord>();
    for (SequenceRecord entry : sequences) {
      CsvTable.Row row = rows.get(entry.id());
      if (row == null) {
        throw new CodonfuseException(
            table.source()
                + ": has no row for '"
                + entry.id()
                + "' of "
                + path
                + ":"
                + entry.line()
                + "; add it or remove the sequence.");
      }
      records.add(
          new SequenceRecord(
              entry.id(),
              entry.sequence(),
              labels.targets(row),
              labels.split(row),
              entry.line(),
              row.line()));
    }
    return labels.table(path, records, rows.size() - records.size());
  }

  private static void checkUnique(Path path, List<SequenceRecord> records) {
    Map<String, Long> lines = new HashMap<>();
    for (SequenceRecord entry : records) {
      Long other = lines.putIfAbsent(entry.id(), entry.line());
      if (other != null) {
        throw duplicate(path, entry.id(), other, entry.line());
      }
    }
  }

  private static CodonfuseException duplicate(Path path, String id, long first, long second) {
    return new CodonfuseException(
        path
            + ":"
            + second
            + ": the identifier '"
            + id
            + "' is that of line "
            + first
            + " too; make it unique or choose another column with --id-column.");
  }

  /** The columns of a table that belong to a sequence. */
  private record Labels(
      CsvTable source, OptionalInt id, List<Integer> targetColumns, OptionalInt splitColumn) {
    static Labels of(CsvTable table, ReadOptions options, Columns wanted) {
      return new Labels(
          table,
          table.find(options.idColumn(), ID, "--id-column"),
          wanted == Columns.ALL ? targets(table, options.targetColumns()) : List.of(),
          wanted == Columns.NONE
              ? OptionalInt.empty()
              : table.find(options.splitColumn(), SPLIT, "--split-column"));
    }

    private static List<Integer> targets(CsvTable table, List<String> names) {
      if (names.isEmpty()) {
        return table.detect(TARGET, TARGET_OPTION).stream().boxed().toList();
      }
      List<Integer> columns =
          names.stream().map(name -> table.column(name, TARGET_OPTION)).toList();
      for (int i = 0; i < columns.size(); i++) {
        if (columns.indexOf(columns.get(i)) < i) {
          throw new UsageException(
              table.source()
                  + ": "
                  + TARGET_OPTION
                  + " names the column '"
                  + table.header().get(columns.get(i))
                  + "' twice; name every target once.");
        }
      }
      return columns;
    }

    String id(CsvTable.Row row) {
      String id = row.cells().get(this.id.orElseThrow());
      if (id.isEmpty()) {
        throw new CodonfuseException(
            source.source()
                + ":"
                + row.line()
                + ": the identifier in column '"
                + source.header().get(this.id.getAsInt())
                + "' is empty; fill it in or choose another column with --id-column.");
      }
      return id;
    }

    List<String> targets(CsvTable.Row row) {
      return targetColumns.stream().map(row.cells()::get).toList();
    }

    Optional<String> split(CsvTable.Row row) {
      return splitColumn.isPresent()
          ? Optional.of(row.cells().get(splitColumn.getAsInt()))
          : Optional.empty();
    }

    SequenceTable table(Path path, List<SequenceRecord> records, int unused) {
      return new SequenceTable(
          path,
          source.source(),
          records,
          source.header(),
          targetColumns.stream().map(source.header()::get).toList(),
          splitColumn.isPresent()
              ? Optional.of(source.header().get(splitColumn.getAsInt()))
              : Optional.empty(),
          unused);
    }
  }
}

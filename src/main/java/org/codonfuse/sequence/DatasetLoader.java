package org.codonfuse.sequence;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.codonfuse.CodonfuseException;

/** Records to examples: cleaned, limited in length, with targets and splits. */
final class DatasetLoader {
  private final SequenceTable table;
  private final DatasetOptions options;
  private final Diagnostics.Builder diagnostics;
  private final List<SequenceRecord> kept = new ArrayList<>();
  private final List<CodingSequence> sequences = new ArrayList<>();

  private DatasetLoader(SequenceTable table, DatasetOptions options) {
    this.table = table;
    this.options = options;
    this.diagnostics = new Diagnostics.Builder(table, options.code());
    table.records().forEach(this::clean);
    if (kept.isEmpty()) {
      throw new CodonfuseException(
          table.source()
              + ": every sequence is longer than the limit of "
              + options.maxLength().getAsInt()
              + " nt; give shorter ones, or train with a higher --max-length.");
    }
  }

  static Dataset labelled(SequenceTable table, DatasetOptions options) {
    var loader = new DatasetLoader(table, options);
    Targets targets = Targets.of(table, loader.kept, options);
    Dataset dataset = loader.dataset(targets, loader.splits(targets), true);
    checkRows(table, dataset, options);
    if (options.training()) {
      checkVaries(table, dataset);
    }
    return dataset;
  }

  static Dataset unlabelled(SequenceTable table, DatasetOptions options) {
    var loader = new DatasetLoader(table, options);
    int rows = loader.kept.size();
    var targets =
        new Targets(
            options.task().orElse(Task.REGRESSION),
            options.classes(),
            Collections.nCopies(rows, Double.NaN));
    return loader.dataset(targets, Collections.nCopies(rows, Split.TEST), false);
  }

  private void clean(SequenceRecord entry) {
    SequenceCleaner.Cleaned cleaned = SequenceCleaner.clean(entry.sequence(), table.where(entry));
    if (cleaned.rna().length() > options.maxLength().orElse(Integer.MAX_VALUE)) {
      diagnostics.addFiltered();
      return;
    }
    var whole = new CodingSequence(entry.id(), cleaned.rna());
    diagnostics.add(cleaned, whole);
    CodingSequence read = whole.truncate(options.truncateTo().orElse(Integer.MAX_VALUE));
    if (read.length() < whole.length()) {
      diagnostics.addTruncated();
    }
    kept.add(entry);
    sequences.add(read);
  }

  private Dataset dataset(Targets targets, List<Split> splits, boolean labelled) {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < kept.size(); i++) {
      examples.add(
          new Example(
              kept.get(i).id(),
              sequences.get(i),
              targets.values().get(i),
              splits.get(i),
              kept.get(i).line()));
    }
    return new Dataset(
        table.source(),
        targets.task(),
        targets.classes(),
        examples,
        diagnostics.build(examples, targets.classes(), labelled));
  }

  private List<Split> splits(Targets targets) {
    return switch (options.split()) {
      case SplitPolicy.Column _ -> column();
      case SplitPolicy.Random random -> Splits.random(random, strata(targets));
      case SplitPolicy.KFold folds -> Splits.kFold(folds, strata(targets));
      case SplitPolicy.Auto _ when table.splitColumn().isPresent() -> column();
      case SplitPolicy.Auto(long seed) when options.training() ->
          Splits.random(new SplitPolicy.Random(seed, 0.7, 0.15), strata(targets));
      case SplitPolicy.Auto _ -> Collections.nCopies(kept.size(), Split.TEST);
    };
  }

  private List<Split> column() {
    String column =
        table
            .splitColumn()
            .orElseThrow(
                () ->
                    new CodonfuseException(
                        table.labels()
                            + ": has no column Split"
                            + (table.columns().isEmpty()
                                ? "; give a CSV file that has one with --labels."
                                : "; choose --split-column among "
                                    + String.join(", ", table.columns())
                                    + ".")));
    return kept.stream().map(entry -> split(entry, column)).toList();
  }

  private Split split(SequenceRecord entry, String column) {
    String text = entry.split().orElseThrow();
    return Split.parse(text)
        .orElseThrow(
            () ->
                new CodonfuseException(
                    table.whereLabel(entry)
                        + ": '"
                        + text
                        + "' in column '"
                        + column
                        + "' is no split; write train, val or test."));
  }

  private int[] strata(Targets targets) {
    return targets.task() == Task.REGRESSION
        ? new int[kept.size()]
        : targets.values().stream().mapToInt(Double::intValue).toArray();
  }

  private static void checkRows(SequenceTable table, Dataset dataset, DatasetOptions options) {
    for (Split split : Split.values()) {
      int rows = dataset.diagnostics().splits().getOrDefault(split, 0);
      if (rows < 2 && (options.training() || rows > 0)) {
        throw new CodonfuseException(
            table.labels()
                + ": the "
                + split.label()
                + " split has "
                + (rows == 1 ? "1 row" : "no rows")
                + " of the "
                + dataset.examples().size()
                + " and needs at least 2; add rows or divide them differently.");
      }
    }
  }

  private static void checkVaries(SequenceTable table, Dataset dataset) {
    List<Double> values =
        dataset.of(Split.TRAIN).stream().map(Example::target).distinct().limit(2).toList();
    if (values.size() == 1) {
      double only = values.getFirst();
      throw new CodonfuseException(
          table.labels()
              + ": target column '"
              + table.targetColumn().orElseThrow()
              + "' is constant ("
              + (dataset.task() == Task.REGRESSION ? only : dataset.classes().get((int) only))
              + " in all training rows), so that there is nothing to learn; choose another with"
              + " --target-column.");
    }
  }
}

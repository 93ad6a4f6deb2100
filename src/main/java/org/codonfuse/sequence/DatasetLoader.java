package org.codonfuse.sequence;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records to examples: cleaned, limited in length, with targets and splits. */
final class DatasetLoader {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetLoader.class);

  private final SequenceTable table;
  private final DatasetOptions options;
  private final Diagnostics.Builder diagnostics;
  private final List<SequenceRecord> kept = new ArrayList<>();
  private final List<CodingSequence> sequences = new ArrayList<>();

  /** What is divided must not depend on how much of it a model reads. */
  private final List<String> whole = new ArrayList<>();

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
      checkClasses(table, dataset);
    }
    return dataset;
  }

  /** With targets where there are some, and without demands on them. */
  static Dataset described(SequenceTable table, DatasetOptions options, boolean divided) {
    var loader = new DatasetLoader(table, options);
    Targets targets =
        table.targetColumns().isEmpty()
            ? Targets.unknown(Task.REGRESSION, List.of(), loader.kept.size())
            : Targets.of(table, loader.kept, options);
    return loader.dataset(targets, loader.splits(targets), divided);
  }

  static Dataset unlabelled(SequenceTable table, DatasetOptions options) {
    var loader = new DatasetLoader(table, options);
    int rows = loader.kept.size();
    var targets = Targets.unknown(options.task().orElse(Task.REGRESSION), options.classes(), rows);
    return loader.dataset(targets, Collections.nCopies(rows, Split.TEST), false);
  }

  private void clean(SequenceRecord entry) {
    SequenceCleaner.Cleaned cleaned = SequenceCleaner.clean(entry.sequence(), table.where(entry));
    if (cleaned.rna().length() > options.maxLength().orElse(Integer.MAX_VALUE)) {
      diagnostics.addFiltered();
      return;
    }
    var sequence = new CodingSequence(entry.id(), cleaned.rna());
    diagnostics.add(cleaned, sequence);
    CodingSequence read = sequence.truncate(options.truncateTo().orElse(Integer.MAX_VALUE));
    if (read.length() < sequence.length()) {
      diagnostics.addTruncated();
    }
    kept.add(entry);
    sequences.add(read);
    whole.add(sequence.rna());
  }

  private Dataset dataset(Targets targets, List<Split> splits, boolean divided) {
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
        targets.names(),
        targets.classes(),
        examples,
        diagnostics.build(examples, targets.names(), targets.classes(), divided));
  }

  private List<Split> splits(Targets targets) {
    Division division = new Division(table, targets, whole);
    return switch (options.split()) {
      case SplitPolicy.Column _ -> SplitColumn.of(table, kept);
      case SplitPolicy.Random random -> division.by(random);
      case SplitPolicy.KFold folds -> division.by(folds);
      case SplitPolicy.Stratified strata -> division.by(strata);
      case SplitPolicy.StratifiedKFold folds -> division.by(folds);
      case SplitPolicy.Cluster groups -> division.by(groups);
      case SplitPolicy.ClusterKFold folds -> division.by(folds);
      case SplitPolicy.Auto _ when table.splitColumn().isPresent() -> SplitColumn.of(table, kept);
      case SplitPolicy.Auto(long seed) when options.training() ->
          division.by(new SplitPolicy.Random(seed, 0.7, 0.15));
      case SplitPolicy.Auto _ -> Collections.nCopies(kept.size(), Split.TEST);
    };
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
    for (int i = 0; i < dataset.targets().size(); i++) {
      int target = i;
      List<Double> values =
          dataset.of(Split.TRAIN).stream()
              .map(example -> example.targets().get(target))
              .filter(value -> !value.isNaN())
              .distinct()
              .limit(2)
              .toList();
      if (values.size() < 2) {
        throw new CodonfuseException(
            table.labels()
                + ": target column '"
                + dataset.targets().get(i)
                + (values.isEmpty()
                    ? "' has no value in any training row"
                    : "' is constant ("
                        + text(dataset, values.getFirst())
                        + " in all training rows)")
                + ", so that there is nothing to learn; choose another with --target-column.");
      }
    }
  }

  private static Object text(Dataset dataset, double target) {
    return dataset.task() == Task.REGRESSION ? target : dataset.classes().get((int) target);
  }

  private static void checkClasses(SequenceTable table, Dataset dataset) {
    for (int i = 0; i < dataset.classes().size(); i++) {
      double index = i;
      for (Split split : Split.values()) {
        if (dataset.of(split).stream().allMatch(example -> example.target() != index)) {
          String where =
              "%s: class '%s' has no row in the %s split"
                  .formatted(table.labels(), dataset.classes().get(i), split.label());
          if (split == Split.TRAIN) {
            throw new CodonfuseException(
                where + " and cannot be learned; add rows or divide them differently.");
          }
          LOG.warn("{}; what the metrics there say of it is undefined.", where);
        }
      }
    }
  }
}

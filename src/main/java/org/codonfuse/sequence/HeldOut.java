package org.codonfuse.sequence;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;

/**
 * Divides sequences that have no targets, all copies of one into the same split: what is held out
 * was never learned from.
 *
 * @param splits one per row
 * @param moved rows that their split column would put elsewhere than a copy that is held out
 */
public record HeldOut(List<Split> splits, int moved) {
  /** Copies the list. */
  public HeldOut {
    splits = List.copyOf(splits);
  }

  /**
   * Divides the rows of a table.
   *
   * @param letters their sequences
   * @param proteins whether these are proteins
   * @param policy how; {@link SplitPolicy.Auto} is the column, or else {@code random:0.9,0.05}
   * @throws CodonfuseException if the split column is missing or cannot be read
   * @throws UsageException if the policy needs targets or nucleotides
   */
  public static HeldOut of(
      SequenceTable table, List<String> letters, boolean proteins, SplitPolicy policy) {
    return switch (policy) {
      case SplitPolicy.Column _ -> column(table, letters);
      case SplitPolicy.Auto _ when table.splitColumn().isPresent() -> column(table, letters);
      case SplitPolicy.Auto(long seed) ->
          distinct(table, letters, d -> d.by(new SplitPolicy.Random(seed, 0.9, 0.05)));
      case SplitPolicy.Random random -> distinct(table, letters, d -> d.by(random));
      case SplitPolicy.KFold folds -> distinct(table, letters, d -> d.by(folds));
      case SplitPolicy.Cluster groups -> {
        requireNucleotides(table, proteins);
        yield distinct(table, letters, d -> d.by(groups));
      }
      case SplitPolicy.ClusterKFold groups -> {
        requireNucleotides(table, proteins);
        yield distinct(table, letters, d -> d.by(groups));
      }
      case SplitPolicy.Stratified _, SplitPolicy.StratifiedKFold _ ->
          throw new UsageException(
              "A stratified --split is by targets, which sequences alone have not; give"
                  + " random:0.9,0.05 or cluster:0.9,0.05.");
    };
  }

  private static void requireNucleotides(SequenceTable table, boolean proteins) {
    if (proteins) {
      throw new UsageException(
          table.source()
              + ": proteins cannot be divided by the similarity of nucleotides; give --split"
              + " random:0.9,0.05 or a column.");
    }
  }

  private static HeldOut column(SequenceTable table, List<String> letters) {
    List<Split> given = SplitColumn.of(table, table.records());
    Map<String, Split> heldOut = new HashMap<>();
    for (int i = 0; i < given.size(); i++) {
      // Of several the one that is looked at last: training, validation, test.
      heldOut.merge(letters.get(i), given.get(i), (a, b) -> a.compareTo(b) > 0 ? a : b);
    }
    List<Split> splits = letters.stream().map(heldOut::get).toList();
    int moved = 0;
    for (int i = 0; i < given.size(); i++) {
      moved += splits.get(i) == given.get(i) ? 0 : 1;
    }
    return new HeldOut(splits, moved);
  }

  private static HeldOut distinct(
      SequenceTable table, List<String> letters, Function<Division, List<Split>> divide) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    letters.forEach(of -> numbers.putIfAbsent(of, numbers.size()));
    List<String> distinct = List.copyOf(numbers.keySet());
    Targets none = Targets.unknown(Task.REGRESSION, List.of(), distinct.size());
    List<Split> splits = divide.apply(new Division(table, none, distinct));
    return new HeldOut(letters.stream().map(of -> splits.get(numbers.get(of))).toList(), 0);
  }
}

package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Spelling;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Split;

/**
 * Which sequences of a data set are looked at codon by codon.
 *
 * @param examples their indices, in the order of the data set
 * @param description in words
 */
record Selection(int[] examples, String description) {
  /**
   * The sequences that were named, or a sample of those that the model did not learn from.
   *
   * @throws CodonfuseException if an identifier is not there
   */
  static Selection of(Dataset dataset, ExplainSettings settings) {
    return settings.ids().isEmpty()
        ? sample(dataset, settings.attributed(), settings.seed())
        : named(dataset, settings.ids());
  }

  private static Selection named(Dataset dataset, List<String> ids) {
    List<String> there = dataset.examples().stream().map(Example::id).toList();
    int[] indices = new int[ids.size()];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = there.indexOf(ids.get(i));
      if (indices[i] < 0) {
        throw new CodonfuseException(
            "%s: has no sequence '%s' that the model reads%s; it has %s."
                .formatted(
                    dataset.source(),
                    ids.get(i),
                    Spelling.nearest(ids.get(i), there)
                        .map(near -> " (did you mean " + near + "?)")
                        .orElse(""),
                    some(there)));
      }
    }
    return new Selection(
        Arrays.stream(indices).distinct().sorted().toArray(), "those asked for by name");
  }

  private static String some(List<String> ids) {
    String first = String.join(", ", ids.subList(0, Math.min(3, ids.size())));
    return ids.size() <= 3 ? first : first + ", … (" + ids.size() + ")";
  }

  private static Selection sample(Dataset dataset, int size, long seed) {
    for (Split split : List.of(Split.TEST, Split.VALIDATION, Split.TRAIN)) {
      int[] members = dataset.indices(split);
      if (members.length > 0) {
        String of = "the " + split.label() + " sequences";
        return members.length <= size
            ? new Selection(members, "all of " + of)
            : new Selection(
                drawn(members, size, seed), "%d of %d of %s".formatted(size, members.length, of));
      }
    }
    return new Selection(new int[0], "none");
  }

  /** Some of them, or all if there are no more, in their order. */
  static int[] drawn(int[] members, int size, long seed) {
    if (members.length <= size) {
      return members;
    }
    List<Integer> shuffled = new ArrayList<>(IntStream.of(members).boxed().toList());
    Collections.shuffle(shuffled, new Random(seed));
    return shuffled.subList(0, size).stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  /** Some of them, drawn: the first would all be of one kind where the file is sorted. */
  int[] drawn(int count, long seed) {
    return drawn(examples, count, seed);
  }
}

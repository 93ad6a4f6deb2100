package org.codonfuse.embedding;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.UsageException;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import org.codonfuse.sequence.Dataset;

/** Shares of an input, for machines that embed it together. */
public final class Shards {
  private static final Pattern NOTATION = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

  /** As many as {@code I/N} can say. */
  private static final int MOST = 999_999;

  private static final String TASK = "SLURM_ARRAY_TASK_";

  private Shards() {}

  /**
   * Reads {@code I/N}, I from 1.
   *
   * @throws UsageException for anything else
   */
  public static Shard parse(String text) {
    Matcher matcher = NOTATION.matcher(text);
    if (matcher.matches()) {
      int index = Integer.parseInt(matcher.group(1));
      int count = Integer.parseInt(matcher.group(2));
      if (index >= 1 && index <= count) {
        return new Shard(index, count);
      }
    }
    throw new UsageException(
        "--shard " + text + " is no share; give I/N with I from 1 to N, such as 2/8, or none");
  }

  /**
   * The share of a task of a SLURM job array.
   *
   * @param environment the variables of the process
   * @return empty outside of job arrays
   * @throws UsageException if the task numbers are not evenly spaced
   */
  public static Optional<Shard> ofSlurm(Map<String, String> environment) {
    String id = environment.get(TASK + "ID");
    if (id == null || id.isBlank()) {
      return Optional.empty();
    }
    try {
      long task = Integer.parseInt(id);
      long first = number(environment, "MIN", 1);
      long step = number(environment, "STEP", 1);
      long last = number(environment, "MAX", first - 1);
      long count = number(environment, "COUNT", step < 1 ? 0 : (last - first) / step + 1);
      boolean even =
          step >= 1
              && task >= first
              && (task - first) % step == 0
              && (task - first) / step < count
              && count <= MOST
              && (last < first || (last - first) / step + 1 == count);
      if (even) {
        return Optional.of(new Shard((int) ((task - first) / step + 1), (int) count));
      }
    } catch (NumberFormatException e) {
      // Said below: such an array cannot be counted through either.
    }
    throw new UsageException(
        "task "
            + id
            + " of a SLURM array whose tasks are not evenly numbered; give --shard I/N, or --shard"
            + " none to embed everything");
  }

  private static long number(Map<String, String> environment, String name, long otherwise) {
    String text = environment.get(TASK + name);
    return text == null || text.isBlank() ? otherwise : Integer.parseInt(text);
  }

  /**
   * Where the store of a share goes: {@code OUTPUT.shard-I-of-N}.
   *
   * @throws UsageException if the output has no name of its own, such as {@code /} or {@code ..}
   */
  public static Path directory(Path output, Optional<Shard> shard) {
    if (shard.isEmpty()) {
      return output;
    }
    String name = String.valueOf(output.getFileName());
    if (output.getFileName() == null || List.of("", ".", "..").contains(name)) {
      throw new UsageException(
          "--output '" + output + "' has no name to which that of a shard is added; give one");
    }
    Shard share = shard.get();
    return output.resolveSibling(name + ".shard-" + share.index() + "-of-" + share.count());
  }

  /**
   * The share of an input: contiguous, at least one sequence, with about as many letters as the
   * others.
   *
   * @throws UsageException if there are fewer sequences than shares
   */
  static EmbeddingInputs of(EmbeddingInputs inputs, Shard shard) {
    int[] range = range(inputs, shard);
    return inputs.range(range[0], range[1]);
  }

  /**
   * The same share of a data set.
   *
   * @param inputs its sequences
   */
  static Dataset of(Dataset dataset, EmbeddingInputs inputs, Shard shard) {
    int[] range = range(inputs, shard);
    return dataset.withExamples(dataset.examples().subList(range[0], range[1]));
  }

  private static int[] range(EmbeddingInputs inputs, Shard shard) {
    List<EmbeddingInput> sequences = inputs.sequences();
    if (sequences.size() < shard.count()) {
      throw new UsageException(
          "--shard "
              + shard
              + " of an input of "
              + sequences.size()
              + " sequences; use at most as many shards");
    }
    long total = sequences.stream().mapToLong(sequence -> sequence.letters().length()).sum();
    int[] begins = new int[shard.count() + 1];
    int next = 0;
    long letters = 0;
    for (int s = 1; s < shard.count(); s++) {
      int last = sequences.size() - (shard.count() - s);
      do {
        letters += sequences.get(next++).letters().length();
      } while (next < last && letters < total * s / shard.count());
      begins[s] = next;
    }
    begins[shard.count()] = sequences.size();
    return new int[] {begins[shard.index() - 1], begins[shard.index()]};
  }
}

package org.codonfuse.cli;

import java.util.List;
import java.util.Optional;
import org.codonfuse.UsageException;
import org.codonfuse.encoder.Tuning;
import org.codonfuse.lora.LoraSettings;
import picocli.CommandLine.Option;

/** How an encoder is trained: by which low-rank updates, or wholly. */
final class LoraArguments {
  private static final int RANK = 8;
  private static final int ALPHA = 16;
  private static final double DROPOUT = 0.1;

  @Option(
      names = "--lora-rank",
      paramLabel = "N",
      description = "Rank of the updates (default: " + RANK + ").")
  private Optional<Integer> rank = Optional.empty();

  @Option(
      names = "--lora-alpha",
      paramLabel = "X",
      description = "What updates are multiplied by, over the rank (default: " + ALPHA + ").")
  private Optional<Double> alpha = Optional.empty();

  @Option(
      names = "--lora-dropout",
      paramLabel = "P",
      description = "Dropout of what updates read (default: " + DROPOUT + ").")
  private Optional<Double> dropout = Optional.empty();

  @Option(names = "--rslora", description = "Divide alpha by the root of the rank instead.")
  private boolean rankStabilised;

  @Option(
      names = "--targets",
      paramLabel = "NAME",
      split = ",",
      description =
          "Linear layers that are updated, by the end of their name, such as query, value,"
              + " output.dense; or all-linear (default: query,value).")
  private List<String> targets = List.of();

  @Option(
      names = "--freeze-layers",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Layers from the first on that stay as they are (default: ${DEFAULT-VALUE}). Saves time"
              + " and memory.")
  private int frozenLayers;

  @Option(
      names = "--gradient-checkpointing",
      description =
          "Compute each layer of the encoders again for its gradients: a third more time, a"
              + " fraction of the memory, the same result.")
  private boolean checkpointed;

  /** Whether layers are computed again for their gradients. */
  boolean checkpointed() {
    return checkpointed;
  }

  /**
   * Low-rank updates.
   *
   * @throws UsageException if they cannot be meant
   */
  Tuning lora() {
    return new Tuning.Lora(
        new LoraSettings(
            rank.orElse(RANK),
            alpha.orElse((double) ALPHA),
            dropout.orElse(DROPOUT),
            rankStabilised,
            targets.isEmpty() ? List.of("query", "value") : targets),
        frozenLayers());
  }

  /**
   * All weights.
   *
   * @param remedy what to do if something was said of updates
   * @throws UsageException if something was
   */
  Tuning full(String remedy) {
    if (rank.isPresent()
        || alpha.isPresent()
        || dropout.isPresent()
        || rankStabilised
        || !targets.isEmpty()) {
      throw new UsageException(
          "All weights are trained, without low-rank updates; "
              + remedy
              + " --targets, --rslora and what begins with --lora-.");
    }
    return new Tuning.Full(frozenLayers());
  }

  private int frozenLayers() {
    Ranges.within("--freeze-layers", frozenLayers, 0, 1000);
    return frozenLayers;
  }
}

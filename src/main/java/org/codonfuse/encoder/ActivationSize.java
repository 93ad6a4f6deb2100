package org.codonfuse.encoder;

import java.util.HashMap;
import java.util.Map;
import org.codonfuse.lora.LoraSettings;

/** How much a step holds for the gradients of an encoder, from the sizes of its layers. */
final class ActivationSize {
  /**
   * Values of a token and unit of the feed-forward network that lie between blocks in use, because
   * the C library's allocator keeps what was freed: measured, see the test.
   */
  private static final int HOLES = 14;

  /** The same where that network has a gate. */
  private static final int GATED_HOLES = 24;

  /** The same where layers are computed again: what is free is given back after each of them. */
  private static final int CHECKPOINTED_HOLES = 3;

  private ActivationSize() {}

  /**
   * About how many bytes, beyond the weights as they were loaded.
   *
   * @param tokens of the batch
   * @param checkpoints whether layers are computed again for their gradients
   * @param host whether it is the computer's own memory
   */
  static long bytes(
      EncoderConfig config, Tuning tuning, long tokens, boolean checkpoints, boolean host) {
    long hidden = config.hiddenSize();
    long inner = config.intermediateSize();
    // Both normalisations keep what they read, attention keeps queries, keys and values, and the
    // feed-forward network what its functions read.
    long read = read(config, tuning);
    long layer = 5 * hidden + (config.gated() ? 3 : 1) * inner + read;
    long layers = config.layers() - first(config, tuning);
    long gradients = 6 * hidden + 3 * inner;
    long values = checkpoints ? 2 * layers * hidden + layer : layers * layer;
    long idle = host ? idle(config, tuning, read, checkpoints) : 0;
    return Float.BYTES * tokens * (values + gradients + idle)
        + (host ? layers * turned(config, tuning) : 0);
  }

  /** Values of a token that lie between blocks in use. */
  private static long idle(EncoderConfig config, Tuning tuning, long read, boolean checkpoints) {
    int holes = checkpoints ? CHECKPOINTED_HOLES : config.gated() ? GATED_HOLES : HOLES;
    return (long) holes * config.intermediateSize()
        + (tuning instanceof Tuning.Lora ? 2 * read : 0);
  }

  /** The first layer that learns. */
  private static long first(EncoderConfig config, Tuning tuning) {
    return switch (tuning) {
      case Tuning.Full(int frozenLayers) -> frozenLayers;
      case Tuning.Lora(LoraSettings lora, int frozenLayers) -> {
        AdaptableModules modules = AdaptableModules.of(config);
        yield modules.firstAdapted(modules.resolve(lora, frozenLayers));
      }
    };
  }

  /** Bytes of a layer's frozen weights in the layout of gradients, made at the first of them. */
  private static long turned(EncoderConfig config, Tuning tuning) {
    long hidden = config.hiddenSize();
    long feedForward = (config.gated() ? 3L : 2L) * config.intermediateSize();
    return tuning instanceof Tuning.Lora ? Float.BYTES * hidden * (4 * hidden + feedForward) : 0;
  }

  /** Values of a token that weights which learn have read, and what dropout made of them. */
  private static long read(EncoderConfig config, Tuning tuning) {
    return switch (tuning) {
      case Tuning.Full _ -> 3L * config.hiddenSize() + config.intermediateSize();
      case Tuning.Lora(LoraSettings lora, int frozenLayers) -> {
        int copies = lora.dropout() > 0 ? 2 : 1;
        AdaptableModules modules = AdaptableModules.of(config);
        Map<String, Long> inputs = new HashMap<>();
        for (AdaptableModule module : modules.adapted(modules.resolve(lora, frozenLayers))) {
          String name = module.name().substring(module.name().indexOf('.', "layer.".length()) + 1);
          boolean projection = !name.equals("attention.output") && name.startsWith("attention.");
          inputs.put(projection ? "attention" : name, (long) module.in());
        }
        yield copies * inputs.values().stream().mapToLong(Long::longValue).sum();
      }
    };
  }
}

package org.codonfuse.encoder;

import java.util.HashMap;
import java.util.Map;
import org.codonfuse.lora.LoraSettings;

/** How much a step holds for the gradients of an encoder, from the sizes of its layers. */
final class ActivationSize {
  private ActivationSize() {}

  /**
   * About how many bytes.
   *
   * @param tokens of the batch
   * @param checkpoints whether layers are computed again for their gradients
   */
  static long bytes(EncoderConfig config, Tuning tuning, long tokens, boolean checkpoints) {
    long hidden = config.hiddenSize();
    long inner = config.intermediateSize();
    // Both normalisations keep what they read, attention keeps queries, keys and values, and the
    // feed-forward network what its functions read.
    long layer = 5 * hidden + (config.gated() ? 3 : 1) * inner + read(config, tuning);
    long layers = config.layers() - (long) tuning.frozenLayers();
    long gradients = 6 * hidden + 3 * inner;
    long values = checkpoints ? 2 * layers * hidden + layer : layers * layer;
    return Float.BYTES * tokens * (values + gradients);
  }

  /** Values of a token that weights which learn have read. */
  private static long read(EncoderConfig config, Tuning tuning) {
    return switch (tuning) {
      case Tuning.Full _ -> 3L * config.hiddenSize() + config.intermediateSize();
      case Tuning.Lora(LoraSettings lora, int frozenLayers) -> {
        AdaptableModules modules = AdaptableModules.of(config);
        Map<String, Long> inputs = new HashMap<>();
        for (AdaptableModule module : modules.adapted(modules.resolve(lora, frozenLayers))) {
          String name = module.name().substring(module.name().indexOf('.', "layer.".length()) + 1);
          boolean projection = !name.equals("attention.output") && name.startsWith("attention.");
          inputs.put(projection ? "attention" : name, (long) module.in());
        }
        yield inputs.values().stream().mapToLong(Long::longValue).sum();
      }
    };
  }
}

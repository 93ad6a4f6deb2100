package org.codonfuse.encoder;

import org.codonfuse.lora.LoraSettings;

/** What of an encoder is trained. */
public sealed interface Tuning {
  /** Layers from the first on that are not trained; where there are any, neither are embeddings. */
  int frozenLayers();

  /**
   * Low-rank updates of linear layers, all else as it was.
   *
   * @param settings of the updates
   * @param frozenLayers layers from the first on without updates
   */
  record Lora(LoraSettings settings, int frozenLayers) implements Tuning {}

  /**
   * Every weight.
   *
   * @param frozenLayers layers from the first on that stay as they were
   */
  record Full(int frozenLayers) implements Tuning {}
}

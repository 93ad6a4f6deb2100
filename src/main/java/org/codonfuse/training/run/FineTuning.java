package org.codonfuse.training.run;

import java.util.List;
import org.codonfuse.encoder.Tuning;
import org.codonfuse.lora.LoraSettings;

/**
 * Which encoders learn with the model, and how.
 *
 * @param method how
 * @param streams the names of the streams whose encoders learn; the others stay as they are
 * @param rank of low-rank updates; 0 where there are none
 * @param alpha numerator of their scale; 0 where there are none
 * @param dropout of what they read
 * @param rankStabilised whether alpha is divided by √rank instead of the rank
 * @param targets the modules that they change; empty where there are none
 * @param frozenLayers layers from the first on that stay as they are
 * @param checkpointed whether their layers are computed again for their gradients: less memory,
 *     more time, the same result
 * @param learningRate Adam's of the encoders; that of the model is in the training's settings
 * @param headEpochs epochs in which the model learns alone first
 */
public record FineTuning(
    Method method,
    List<String> streams,
    int rank,
    double alpha,
    double dropout,
    boolean rankStabilised,
    List<String> targets,
    int frozenLayers,
    boolean checkpointed,
    double learningRate,
    int headEpochs) {
  /** All encoders stay as they are. */
  public static final FineTuning NONE =
      new FineTuning(Method.NONE, List.of(), 0, 0, 0, false, List.of(), 0, false, 0, 0);

  /** How encoders learn. */
  public enum Method {
    /** Not at all. */
    NONE,
    /** By low-rank updates. */
    LORA,
    /** By all their weights. */
    FULL
  }

  /** Copies the lists. */
  public FineTuning {
    streams = List.copyOf(streams);
    targets = List.copyOf(targets);
    if ((method == Method.NONE) != streams.isEmpty()) {
      throw new IllegalArgumentException(method + " of " + streams);
    }
  }

  /**
   * What a tuning is to encoders.
   *
   * @param streams names of the streams whose encoders learn
   * @param checkpointed see {@link FineTuning}
   * @param learningRate of the updates
   * @param headEpochs see {@link FineTuning}
   */
  public static FineTuning of(
      Tuning tuning,
      List<String> streams,
      boolean checkpointed,
      double learningRate,
      int headEpochs) {
    return switch (tuning) {
      case Tuning.Lora(LoraSettings lora, int frozenLayers) ->
          new FineTuning(
              Method.LORA,
              streams,
              lora.rank(),
              lora.alpha(),
              lora.dropout(),
              lora.rankStabilised(),
              lora.targets(),
              frozenLayers,
              checkpointed,
              learningRate,
              headEpochs);
      case Tuning.Full(int frozenLayers) ->
          new FineTuning(
              Method.FULL,
              streams,
              0,
              0,
              0,
              false,
              List.of(),
              frozenLayers,
              checkpointed,
              learningRate,
              headEpochs);
    };
  }

  /** Whether the encoder of a stream learns. */
  public boolean learns(String stream) {
    return streams.contains(stream);
  }

  /** Whether the run has an encoder of its own for a stream. */
  boolean replaces(String stream) {
    return method == Method.FULL && learns(stream);
  }

  /**
   * What is trained of each encoder.
   *
   * @throws IllegalStateException if nothing is
   */
  Tuning tuning() {
    return switch (method) {
      case NONE -> throw new IllegalStateException("No encoder learns");
      case LORA ->
          new Tuning.Lora(
              new LoraSettings(rank, alpha, dropout, rankStabilised, targets), frozenLayers);
      case FULL -> new Tuning.Full(frozenLayers);
    };
  }
}

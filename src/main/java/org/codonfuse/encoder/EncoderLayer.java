package org.codonfuse.encoder;

import org.codonfuse.UsageException;

/**
 * Which of an encoder's results is wanted.
 *
 * @param index 0 for the embeddings, i for the output of the i-th layer; the last one has the final
 *     layer normalisation. Negative numbers count from the last, −1
 * @param logits instead of hidden states the scores of every token of the vocabulary, computed from
 *     the last ones, before the softmax
 */
public record EncoderLayer(int index, boolean logits) {
  /** The last hidden states, after the final layer normalisation. */
  public static final EncoderLayer LAST = new EncoderLayer(-1, false);

  /** The scores of every token of the vocabulary. */
  public static final EncoderLayer LOGITS = new EncoderLayer(-1, true);

  /**
   * @throws IllegalArgumentException for logits of another layer than the last
   */
  public EncoderLayer {
    if (logits && index != -1) {
      throw new IllegalArgumentException("Logits of layer " + index);
    }
  }

  /**
   * Reads {@code last}, {@code logits} or a number.
   *
   * @throws UsageException for anything else
   */
  public static EncoderLayer parse(String text) {
    return switch (text) {
      case "last" -> LAST;
      case "logits" -> LOGITS;
      default -> {
        try {
          yield new EncoderLayer(Integer.parseInt(text), false);
        } catch (NumberFormatException e) {
          throw new UsageException(
              "--layer " + text + ": give last, logits or the number of a layer.");
        }
      }
    };
  }

  /**
   * Number of layers of a model that have to run.
   *
   * @throws UsageException if the model does not have this layer
   */
  public int depth(EncoderConfig config) {
    int depth = index < 0 ? config.layers() + 1 + index : index;
    if (depth < 0 || depth > config.layers()) {
      throw new UsageException(
          "--layer %d: the model has layers 0 (the embeddings) to %d (the last)."
              .formatted(index, config.layers()));
    }
    return depth;
  }

  /** What {@link #parse} reads as this layer. */
  public String label() {
    if (logits) {
      return "logits";
    }
    return index == -1 ? "last" : Integer.toString(index);
  }

  /** The one name of this layer of a model, whatever number it was asked for by. */
  public String label(EncoderConfig config) {
    int depth = depth(config);
    return logits || depth == config.layers()
        ? new EncoderLayer(-1, logits).label()
        : Integer.toString(depth);
  }

  /** Number of values for each token. */
  public int width(EncoderConfig config) {
    return logits ? config.vocabularySize() : config.hiddenSize();
  }
}

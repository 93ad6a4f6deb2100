package org.codonfuse.encoder;

import org.codonfuse.UsageException;

/** Which of an encoder's results is wanted. */
public sealed interface EncoderLayer {
  /** The last hidden states, after the final layer normalisation. */
  EncoderLayer LAST = new Hidden(-1);

  /** The scores of every token of the vocabulary, before the softmax. */
  EncoderLayer LOGITS = new Logits();

  /**
   * Hidden states.
   *
   * @param index 0 for the embeddings, i for the output of the i-th layer; the last one has the
   *     final layer normalisation. Negative numbers count from the last, −1
   */
  record Hidden(int index) implements EncoderLayer {}

  /** See {@link #LOGITS}. */
  record Logits() implements EncoderLayer {}

  /**
   * Reads {@code last}, {@code logits} or a number.
   *
   * @throws UsageException for anything else
   */
  static EncoderLayer parse(String text) {
    switch (text) {
      case "last":
        return LAST;
      case "logits":
        return LOGITS;
      default:
        try {
          return new Hidden(Integer.parseInt(text));
        } catch (NumberFormatException e) {
          throw new UsageException(
              "--layer " + text + ": give last, logits or the number of a layer.");
        }
    }
  }

  /**
   * This layer for a model: counted from the embeddings, 0.
   *
   * @throws UsageException if the model does not have it
   */
  default EncoderLayer in(EncoderConfig config) {
    if (this instanceof Hidden(int index)) {
      int counted = index < 0 ? config.layers() + 1 + index : index;
      if (counted < 0 || counted > config.layers()) {
        throw new UsageException(
            "--layer %d: the model has layers 0 (the embeddings) to %d (the last)."
                .formatted(index, config.layers()));
      }
      return new Hidden(counted);
    }
    return this;
  }

  /** What {@link #parse} reads as this layer. */
  default String label() {
    return switch (this) {
      case Hidden(int index) -> index == -1 ? "last" : Integer.toString(index);
      case Logits() -> "logits";
    };
  }

  /** Its name for a model: {@code last}, {@code logits} or the number of the layer. */
  default String label(EncoderConfig config) {
    return switch (in(config)) {
      case Hidden(int index) -> index == config.layers() ? "last" : Integer.toString(index);
      case Logits() -> "logits";
    };
  }

  /** Number of values for each token. */
  default int width(EncoderConfig config) {
    return this instanceof Logits ? config.vocabularySize() : config.hiddenSize();
  }
}

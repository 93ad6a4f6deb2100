package org.codonfuse.embedding;

import java.nio.file.Path;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.token.Tokenizer;

/**
 * How an encoder reads sequences.
 *
 * @param directory of the encoder, for messages
 * @param tokenizer of its vocabulary
 * @param maxTokens that it reads at once, special ones included
 */
record EncoderReading(Path directory, Tokenizer tokenizer, int maxTokens) {
  static EncoderReading of(Encoder encoder) {
    return new EncoderReading(
        encoder.directory(), encoder.tokenizer(), encoder.config().maxTokens());
  }

  static EncoderReading of(TrainableEncoder encoder) {
    return new EncoderReading(
        encoder.directory(), encoder.tokenizer(), encoder.config().maxTokens());
  }
}

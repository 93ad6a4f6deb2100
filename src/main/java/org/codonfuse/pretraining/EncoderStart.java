package org.codonfuse.pretraining;

import java.nio.file.Path;
import org.codonfuse.encoder.EncoderConfig;
import org.codonfuse.encoder.EncoderFamily;

/** What an encoder is before it is trained. */
public sealed interface EncoderStart {
  /**
   * What another training left.
   *
   * @param directory a model directory in any published layout
   */
  record Model(Path directory) implements EncoderStart {}

  /**
   * Nothing that was learned.
   *
   * @param source where the configuration is from, for messages
   * @param family of the encoder
   * @param config its shape
   */
  record Fresh(String source, EncoderFamily family, EncoderConfig config) implements EncoderStart {}
}

package org.codonfuse.pretraining;

import java.nio.file.Path;
import org.codonfuse.encoder.EncoderConfig;
import org.codonfuse.encoder.EncoderFamily;

/** What an encoder is before it is trained. */
public sealed interface EncoderStart {
  /** What it is called in messages: the directory, or the file or preset of its configuration. */
  String name();

  /**
   * What another training left.
   *
   * @param directory a model directory in any published layout
   */
  record Model(Path directory) implements EncoderStart {
    @Override
    public String name() {
      return directory.toString();
    }
  }

  /**
   * Nothing that was learned.
   *
   * @param name where the configuration is from, for messages
   * @param family of the encoder
   * @param config its shape
   */
  record Fresh(String name, EncoderFamily family, EncoderConfig config) implements EncoderStart {}
}

package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.encoder.Encoder;

/** Encoders, each loaded once however many streams it computes. Owns them. Used by one thread. */
final class Encoders implements AutoCloseable {
  private final Backend backend;
  private final Map<Key, Encoder> loaded = new HashMap<>();

  private record Key(Path directory, Precision precision) {}

  Encoders(Backend backend) {
    this.backend = backend;
  }

  Backend backend() {
    return backend;
  }

  /**
   * An encoder, which stays open until this is closed.
   *
   * @throws CodonfuseException if it cannot be read
   */
  Encoder get(Path directory, Precision precision) {
    return loaded.computeIfAbsent(
        new Key(directory.toAbsolutePath().normalize(), precision),
        _ -> Encoder.load(backend, directory, precision));
  }

  @Override
  public void close() {
    loaded.values().forEach(Encoder::close);
    loaded.clear();
  }
}

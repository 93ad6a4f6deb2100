package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.embedding.EmbeddingInputs;
import org.codonfuse.embedding.EmbeddingSettings;
import org.codonfuse.embedding.MemoryEmbeddings;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.io.Progress;
import org.codonfuse.lora.LoraAdapter;

/** Encoders, each loaded once however many streams it computes. Owns them. Used by one thread. */
final class Encoders implements AutoCloseable {
  private final Backend backend;
  private final Map<Key, Encoder> loaded = new HashMap<>();

  /** The last rows of each kind that were kept in memory. */
  private final Map<Kind, Held> held = new HashMap<>();

  private record Key(Path directory, Precision precision, Optional<String> adapter) {}

  private record Kind(Encoder encoder, EmbeddingSettings settings) {}

  private record Held(EmbeddingInputs inputs, MemoryEmbeddings embeddings) {}

  Encoders(Backend backend) {
    this.backend = backend;
  }

  Backend backend() {
    return backend;
  }

  /**
   * An encoder, which stays open until this is closed.
   *
   * @param adapter whose updates are added to its weights
   * @throws CodonfuseException if it cannot be read, or the adapter is not for it
   */
  Encoder get(Path directory, Precision precision, Optional<LoraAdapter> adapter) {
    return loaded.computeIfAbsent(
        new Key(
            directory.toAbsolutePath().normalize(),
            precision,
            adapter.map(LoraAdapter::fingerprint)),
        _ -> Encoder.load(backend, directory, precision, adapter));
  }

  /**
   * Embeddings in memory. The last ones of an encoder are held, so that models which read the same
   * sequences one after the other share them.
   *
   * @throws CodonfuseException if a sequence cannot be embedded
   */
  MemoryEmbeddings inMemory(
      Encoder encoder, EmbeddingInputs inputs, EmbeddingSettings settings, Progress progress) {
    Kind kind = new Kind(encoder, settings);
    Held last = held.get(kind);
    if (last != null && last.inputs().equals(inputs)) {
      return last.embeddings();
    }
    // Before others are made: two would need twice the memory.
    held.remove(kind);
    MemoryEmbeddings embeddings =
        MemoryEmbeddings.compute(backend, encoder, inputs, settings, progress);
    held.put(kind, new Held(inputs, embeddings));
    return embeddings;
  }

  @Override
  public void close() {
    held.clear();
    loaded.values().forEach(Encoder::close);
    loaded.clear();
  }
}

package org.codonfuse.training.run;

import java.util.Optional;
import org.codonfuse.compute.Peers;
import org.codonfuse.embedding.EmbeddingCache;

/**
 * How embeddings are made and kept.
 *
 * @param strict whether a sequence of mostly unknown tokens is an error
 * @param cache where they are kept; empty: in memory, for this once
 * @param version of the program, for the record
 */
public record EmbeddingOptions(boolean strict, Optional<EmbeddingCache> cache, String version) {
  /** Embeddings that are kept in a cache. */
  public EmbeddingOptions(boolean strict, EmbeddingCache cache, String version) {
    this(strict, Optional.of(cache), version);
  }

  /** The same for processes that compute together what is not in the cache. */
  public EmbeddingOptions sharedBy(Peers processes) {
    return new EmbeddingOptions(strict, cache.map(kept -> kept.sharedBy(processes)), version);
  }

  /** The same for sequences that are read once, such as variants, and kept in memory. */
  public EmbeddingOptions inMemory() {
    return new EmbeddingOptions(strict, Optional.empty(), version);
  }
}

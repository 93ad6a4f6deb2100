package org.codonfuse.training.run;

import org.codonfuse.embedding.EmbeddingCache;

/**
 * How embeddings are made and kept.
 *
 * @param strict whether a sequence of mostly unknown tokens is an error
 * @param cache where they are kept
 * @param version of the program, for the record
 */
public record EmbeddingOptions(boolean strict, EmbeddingCache cache, String version) {}

package org.codonfuse.embedding;

/**
 * A sequence to embed.
 *
 * @param id its name
 * @param letters of the molecule that the encoder reads, clean: RNA with U, DNA with T, proteins
 *     with {@code *} for stops
 */
public record EmbeddingInput(String id, String letters) {}

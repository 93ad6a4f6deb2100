package org.codonfuse.embedding.store;

/**
 * A sequence of the input.
 *
 * @param id in the input
 * @param sha256 of the UTF-8 letters of the molecule that the encoder reads, cleaned and before
 *     truncation
 */
public record NamedSequence(String id, String sha256) {}

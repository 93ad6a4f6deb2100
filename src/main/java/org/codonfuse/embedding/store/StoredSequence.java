package org.codonfuse.embedding.store;

/**
 * Where the rows of a sequence lie.
 *
 * @param sha256 of its letters
 * @param part number of the part
 * @param row the first in the part
 * @param rows how many
 */
public record StoredSequence(String sha256, int part, long row, int rows) {}

package org.codonfuse.embedding.store;

/**
 * A line of {@code index.csv}: a sequence of the input and where its rows lie. Equal sequences have
 * the same rows.
 *
 * @param id of the sequence in the input
 * @param sha256 of its letters
 * @param part number of the part
 * @param row the first in the part
 * @param rows how many
 */
public record IndexEntry(String id, String sha256, int part, long row, int rows) {
  boolean isAt(StoredSequence place) {
    return place != null
        && place.sha256().equals(sha256)
        && place.row() == row
        && place.rows() == rows;
  }
}

package org.codonfuse.embedding;

import java.nio.file.Path;

/**
 * What an alignment did.
 *
 * @param store where the rows are
 * @param sequences of the input
 * @param unique different ones among them
 * @param rows stored, one a codon
 * @param width of a row
 * @param cutSequences sequences that end before their last codon, because a store does
 * @param alignedRows rows that this run computed; an earlier one may have computed others
 * @param seconds that this run computed and wrote
 */
public record AlignmentReport(
    Path store,
    long sequences,
    long unique,
    long rows,
    int width,
    long cutSequences,
    long alignedRows,
    double seconds) {}

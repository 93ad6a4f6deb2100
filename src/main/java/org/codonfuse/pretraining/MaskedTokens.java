package org.codonfuse.pretraining;

import org.codonfuse.token.Tokens;

/**
 * A sequence of which some tokens are to be told from the others. The arrays are not copied.
 *
 * @param tokens what an encoder reads
 * @param positions of the tokens in question, ascending
 * @param originals what they are
 */
record MaskedTokens(Tokens tokens, int[] positions, long[] originals) {}

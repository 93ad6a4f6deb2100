package org.codonfuse.embedding;

import java.util.Arrays;
import java.util.List;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.token.Tokens;

/**
 * A batch with all that can be known of it before it is computed.
 *
 * @param members the sequences
 * @param counts how many rows each of them has
 * @param windows what the encoder reads
 * @param rows how its hidden states become the rows
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody; lists would box.
record ReadyBatch(int[] members, int[] counts, List<Tokens> windows, Pooler.Rows rows) {
  static ReadyBatch of(PreparedInputs inputs, Pooling pooling, int[] members) {
    List<EncoderInput> read = Arrays.stream(members).mapToObj(inputs::input).toList();
    return new ReadyBatch(
        members,
        Arrays.stream(members).map(inputs::rows).toArray(),
        read.stream().flatMap(input -> input.windows().stream()).toList(),
        Pooler.rows(pooling, read));
  }
}

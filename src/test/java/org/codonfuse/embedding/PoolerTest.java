package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.token.Tokens;
import org.junit.jupiter.api.Tag;

@Tag(TestBackends.TAG)
class PoolerTest {
  /** Residues between a token before and one after them. */
  private static Tokens protein(int residues) {
    int[] ids = new int[residues + 2];
    int[] starts = new int[residues + 2];
    int[] ends = new int[residues + 2];
    for (int t = 0; t < ids.length; t++) {
      boolean special = t == 0 || t == residues + 1;
      starts[t] = special ? Tokens.NO_SPAN : 3 * (t - 1);
      ends[t] = special ? Tokens.NO_SPAN : 3 * t;
    }
    return new Tokens(ids, starts, ends, 0, 0, 0);
  }

  /** Rows are picked where the sums would have one member each; the result is the same. */
  @OnEveryBackend
  void rowsAreTheSumsOfTheirTokens(String name) {
    SplittableRandom random = new SplittableRandom(4);
    try (Backend backend = TestBackends.open(name)) {
      for (int limit : new int[] {100, 12}) {
        List<EncoderInput> inputs = new ArrayList<>();
        for (int residues : new int[] {7, 1, 30, 12}) {
          inputs.add(EncoderInput.fit(protein(residues), limit, LongPolicy.CHUNK));
        }
        float[] values = new float[3 * inputs.stream().mapToInt(EncoderInput::read).sum()];
        for (int i = 0; i < values.length; i++) {
          values[i] = random.nextInt(-500, 500) + 0.25f;
        }
        for (Pooling pooling : List.of(Pooling.NONE, Pooling.CLS, Pooling.MEAN, Pooling.CODON)) {
          try (Scope _ = backend.openScope(Mode.INFERENCE)) {
            Tensor hidden = backend.tensor(values, Shape.of(values.length / 3, 3));
            List<Segments> sums = new ArrayList<>();
            int row = 0;
            for (EncoderInput input : inputs) {
              sums.add(Pooler.segments(pooling, input, row));
              row += input.read();
            }
            Tensor expected = backend.segmentSum(hidden, Segments.join(sums));
            Tensor actual = new Pooler(backend).pool(hidden, Pooler.rows(pooling, inputs));
            assertEquals(expected.shape(), actual.shape());
            assertArrayEquals(expected.toFloats(), actual.toFloats(), pooling.label());
          }
        }
      }
    }
  }
}

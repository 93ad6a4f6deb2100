package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;

class ExamplesTest {
  private static final List<StreamSpec> STREAMS =
      List.of(
          new StreamSpec("rna", Molecule.RNA, 1, Granularity.CODON),
          new StreamSpec("second rna", Molecule.RNA, 2, Granularity.CODON));
  private static final float[][][] ROWS = {
    {{1, 2, 3}, {4}, {5, 6}}, {{1, 1, 2, 2, 3, 3}, {4, 4}, {5, 5, 6, 6}}
  };
  private static final Examples EXAMPLES = Examples.of(STREAMS, ROWS, new int[] {3, 1, 2});

  @Test
  void aBatchHasEveryStreamByNameWithItsOwnPadding() {
    HostBatch batch = EXAMPLES.gather(new int[] {1, 2});

    assertArrayEquals(new int[] {1, 2}, batch.codons());
    assertEquals(
        List.of("rna", "second rna"), batch.streams().stream().map(s -> s.name()).toList());
    assertArrayEquals(new float[] {4, 0, 5, 6}, batch.streams().get(0).values().toFloats());
    assertArrayEquals(
        new float[] {4, 4, 0, 0, 5, 5, 6, 6}, batch.streams().get(1).values().toFloats());
    assertArrayEquals(new int[] {1, 2}, batch.streams().get(1).lengths());
  }

  @Test
  void aLargeBatchIsReadByThreadsThatEachHaveAPartOfIt() {
    int width = 1024;
    int members = 23;
    float[][][] rows = new float[1][members][];
    int[] codons = new int[members];
    for (int m = 0; m < members; m++) {
      codons[m] = 1 + (m * 37) % 90;
      rows[0][m] = new float[codons[m] * width];
      Arrays.fill(rows[0][m], m + 1);
    }
    StreamSpec wide = new StreamSpec("wide", Molecule.RNA, width, Granularity.CODON);
    Examples large = Examples.of(List.of(wide), rows, codons);
    int[] all = IntStream.range(0, members).map(i -> members - 1 - i).toArray();

    HostBatch.Stream stream = large.gather(all).streams().getFirst();
    float[] values = stream.values().toFloats();
    for (int b = 0; b < members; b++) {
      for (int t = 0; t < stream.longest(); t++) {
        float expected = t < codons[all[b]] ? all[b] + 1 : 0;
        int at = (b * stream.longest() + t) * width;
        assertEquals(expected, values[at]);
        assertEquals(expected, values[at + width - 1]);
      }
    }
  }

  @Test
  void aSubsetOfASubsetKnowsItsMembersByItsOwnNumbers() {
    Examples subset = EXAMPLES.subset(new int[] {2, 0}).subset(new int[] {1, 0, 1});

    assertEquals(3, subset.size());
    assertEquals(2, subset.codons(1));
    assertArrayEquals(new int[] {1, 0, 2}, subset.byLength());
    assertArrayEquals(
        new float[] {5, 6}, subset.gather(new int[] {1}).streams().getFirst().values().toFloats());
  }

  @Test
  void streamsOfDifferentNumbersOfExamplesAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> Examples.of(STREAMS, ROWS, new int[] {3, 1}));
  }
}

package org.codonfuse.explain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.UnimodalFusion;
import org.codonfuse.fusion.Upsampling;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.Examples;
import org.junit.jupiter.api.Tag;

@Tag(TestBackends.TAG)
class PooledEmbeddingsTest {
  private static final float SAME = TestBackends.tolerance(1e-5f);
  private static final int[] CODONS = {4, 1, 9, 2, 7};
  private static final StreamSpec RNA = new StreamSpec("rna", Molecule.RNA, 5, Granularity.CODON);
  private static final StreamSpec PROTEIN =
      new StreamSpec("protein", Molecule.PROTEIN, 3, Granularity.CODON);

  private static float[][] rows(int width) {
    Random random = new Random(width);
    float[][] rows = new float[CODONS.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[CODONS[i] * width];
      for (int v = 0; v < rows[i].length; v++) {
        rows[i][v] = (float) random.nextGaussian();
      }
    }
    return rows;
  }

  private static float[] mean(float[] rows, int width) {
    float[] mean = new float[width];
    for (int v = 0; v < rows.length; v++) {
      mean[v % width] += rows[v] / (rows.length / (float) width);
    }
    return mean;
  }

  /** Without DNA a concatenation changes nothing, so that its mean is known. */
  @OnEveryBackend
  void meansAreOverValidPositionsInTheOrderOfExamples(String name) {
    Fusion fusion = new FusionConfig.Concat(4, Upsampling.EXACT).create(List.of(RNA, PROTEIN));
    float[][][] rows = {rows(5), rows(3)};
    try (Backend backend = TestBackends.open(name);
        Parameters parameters = Parameters.initialise(backend, fusion.parameters(), 1)) {
      AtomicInteger done = new AtomicInteger();
      SequencedMap<String, float[][]> pooled =
          new PooledEmbeddings(backend, fusion, 2)
              .pool(parameters, Examples.of(fusion.streams(), rows, CODONS), done::addAndGet);
      assertEquals(List.of("rna", "protein", PooledEmbeddings.FUSED), List.copyOf(pooled.keySet()));
      assertEquals(CODONS.length, done.get());
      for (int i = 0; i < CODONS.length; i++) {
        float[] rna = mean(rows[0][i], 5);
        float[] protein = mean(rows[1][i], 3);
        assertArrayEquals(rna, pooled.get("rna")[i], SAME);
        assertArrayEquals(protein, pooled.get("protein")[i], SAME);
        float[] both = new float[8];
        System.arraycopy(rna, 0, both, 0, 5);
        System.arraycopy(protein, 0, both, 5, 3);
        assertArrayEquals(both, pooled.get(PooledEmbeddings.FUSED)[i], SAME);
      }
    }
  }

  @OnEveryBackend
  void oneStreamIsNotFused(String name) {
    Fusion fusion = new UnimodalFusion(RNA);
    try (Backend backend = TestBackends.open(name);
        Parameters parameters = Parameters.initialise(backend, fusion.parameters(), 1)) {
      SequencedMap<String, float[][]> pooled =
          new PooledEmbeddings(backend, fusion, 8)
              .pool(
                  parameters,
                  Examples.of(fusion.streams(), new float[][][] {rows(5)}, CODONS),
                  _ -> {});
      assertEquals(List.of("rna"), List.copyOf(pooled.keySet()));
    }
  }
}

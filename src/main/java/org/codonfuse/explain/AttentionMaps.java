package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.explain.Explanation.AttentionShare;
import org.codonfuse.explain.Explanation.AttentionWeight;
import org.codonfuse.fusion.Batch;
import org.codonfuse.fusion.CrossAttentionFusion;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.parameters.Parameters;

/** Who looks at whom in cross-attention: sums over sequences, and some sequences codon by codon. */
final class AttentionMaps {
  /** Codons of a sequence that are shown one by one; of longer ones neighbours share a cell. */
  private static final int CELLS = 64;

  private final CrossAttentionFusion fusion;
  private final List<String> streams;
  private final List<AttentionWeight> maps = new ArrayList<>();
  private double[][][] sums = {};
  private int sequences;

  AttentionMaps(CrossAttentionFusion fusion) {
    this.fusion = fusion;
    this.streams = fusion.streams().stream().map(StreamSpec::name).toList();
  }

  /**
   * Adds a sequence.
   *
   * @param batch one sequence
   * @param show whether its codons are wanted
   */
  void add(Backend backend, Parameters parameters, String id, Batch batch, boolean show) {
    int codons = batch.codons()[0];
    if (codons == 0) {
      return;
    }
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      List<Tensor> weights =
          fusion.attentionWeights(
              backend, parameters, batch, fusion.align(backend, parameters, batch));
      for (int query = 0; query < weights.size(); query++) {
        add(query, weights.get(query), codons);
        if (show) {
          float[] mean = backend.mean(weights.get(query), 0).toFloats();
          show(id, query, mean, codons);
        }
      }
    }
    sequences++;
  }

  private void add(int query, Tensor weights, int codons) {
    int heads = weights.shape().intDim(0);
    if (sums.length == 0) {
      sums = new double[heads][streams.size()][streams.size()];
    }
    float[] values = weights.toFloats();
    int i = 0;
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < codons; row++) {
        for (int key = 0; key < streams.size(); key++) {
          for (int column = 0; column < codons; column++) {
            sums[head][query][key] += values[i++] / codons;
          }
        }
      }
    }
  }

  /** Rows are averaged and columns added where they share a cell, so that rows still sum to 1. */
  private void show(String id, int query, float[] mean, int codons) {
    int size = Math.ceilDiv(codons, CELLS);
    int cells = Math.ceilDiv(codons, size);
    double[][][] grid = new double[cells][streams.size()][cells];
    int i = 0;
    for (int row = 0; row < codons; row++) {
      int rowsInCell = Math.min(size, codons - row / size * size);
      for (int key = 0; key < streams.size(); key++) {
        for (int column = 0; column < codons; column++) {
          grid[row / size][key][column / size] += mean[i++] / rowsInCell;
        }
      }
    }
    for (int row = 0; row < cells; row++) {
      for (int key = 0; key < streams.size(); key++) {
        for (int column = 0; column < cells; column++) {
          maps.add(
              new AttentionWeight(
                  id,
                  streams.get(query),
                  row * size + 1,
                  streams.get(key),
                  column * size + 1,
                  grid[row][key][column]));
        }
      }
    }
  }

  /** The means over all sequences. */
  List<AttentionShare> shares() {
    List<AttentionShare> shares = new ArrayList<>();
    for (int head = 0; head < sums.length; head++) {
      for (int query = 0; query < streams.size(); query++) {
        for (int key = 0; key < streams.size(); key++) {
          shares.add(
              new AttentionShare(
                  head + 1,
                  streams.get(query),
                  streams.get(key),
                  sums[head][query][key] / sequences));
        }
      }
    }
    return shares;
  }

  /** The sequences that were shown. */
  List<AttentionWeight> maps() {
    return maps;
  }
}

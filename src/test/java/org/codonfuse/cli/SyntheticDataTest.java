package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codonfuse.training.metrics.RegressionMetrics;
import org.hipparchus.stat.regression.OLSMultipleLinearRegression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticDataTest {
  @TempDir private Path folder;

  /** Id, Sequence, Value and possibly more. */
  private record Rows(List<String[]> cells) {
    double[] values() {
      return cells.stream().mapToDouble(row -> Double.parseDouble(row[2])).toArray();
    }

    /** Shares of the codons but one, which is what the others leave, by their index. */
    double[][] shares(Map<String, Integer> codons) {
      return cells.stream().map(row -> shares(codons, row[1])).toArray(double[][]::new);
    }

    private static double[] shares(Map<String, Integer> codons, String sequence) {
      double[] shares = new double[60];
      int inner = sequence.length() / 3 - 2;
      for (int i = 1; i <= inner; i++) {
        int index =
            codons.computeIfAbsent(sequence.substring(3 * i, 3 * i + 3), _ -> codons.size());
        if (index < shares.length) {
          shares[index] += 1.0 / inner;
        }
      }
      return shares;
    }
  }

  private static Rows read(Path file) throws IOException {
    return new Rows(
        Files.readAllLines(file).stream().skip(1).map(line -> line.split(",")).toList());
  }

  @Test
  void newSequencesAreOthersWithTheSameFunctionAsTarget() throws IOException {
    SyntheticData.write(folder.resolve("old.csv"), 600, 3);
    SyntheticData.writeNew(folder.resolve("new.csv"), 100, 3);
    Rows old = read(folder.resolve("old.csv"));
    Rows fresh = read(folder.resolve("new.csv"));

    Set<String> sequences = new HashSet<>();
    old.cells().forEach(row -> sequences.add(row[1]));
    fresh.cells().forEach(row -> sequences.add(row[1]));
    assertEquals(700, sequences.size());

    Map<String, Integer> codons = new HashMap<>();
    OLSMultipleLinearRegression regression = new OLSMultipleLinearRegression();
    regression.newSampleData(old.values(), old.shares(codons));
    double[] weights = regression.estimateRegressionParameters();
    double[][] shares = fresh.shares(codons);
    double[] predicted = new double[shares.length];
    for (int i = 0; i < shares.length; i++) {
      predicted[i] = weights[0];
      for (int c = 0; c < shares[i].length; c++) {
        predicted[i] += weights[c + 1] * shares[i][c];
      }
    }
    double spearman = RegressionMetrics.spearman(fresh.values(), predicted);
    assertTrue(spearman > 0.85, "Spearman " + spearman);
  }
}

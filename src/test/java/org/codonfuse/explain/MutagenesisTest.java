package org.codonfuse.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.run.SavedRun;
import org.codonfuse.training.run.TestRuns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MutagenesisTest {
  @TempDir static Path folder;

  private static Path data;
  private static Path run;

  @BeforeAll
  static void prepare() throws IOException {
    data = folder.resolve("data.csv");
    run = Files.createDirectory(folder.resolve("run"));
    Files.writeString(data, TestRuns.csv());
    TestRuns.untrained(data, TestRuns.encoders(folder.resolve("models"), 1), run);
  }

  private static List<String> backends() {
    return TestBackends.names();
  }

  private static Dataset dataset(SavedRun saved) {
    return Dataset.loadUnlabelled(data, ReadOptions.detect(), saved.datasetOptions());
  }

  private static Example example(String rna) {
    return new Example("x", new CodingSequence("x", rna), Double.NaN, Split.TEST, 1);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void equalsEmbeddingEachVariantFromScratch(String name) {
    try (Backend backend = TestBackends.open(name);
        SavedRun saved = SavedRun.open(backend, run, List.of())) {
      Dataset dataset = dataset(saved);
      Example example = dataset.examples().getFirst();
      List<Mutation> mutations =
          new Mutagenesis(saved, TestRuns.options(folder.resolve("cache")), false)
              .mutate(dataset, example);
      String rna = example.sequence().rna();
      double original = alone(saved, dataset, rna);
      assertTrue(mutations.size() > 5);
      for (Mutation mutation : mutations) {
        int first = 3 * (mutation.position() - 1);
        assertEquals(mutation.codon(), rna.substring(first, first + 3));
        assertTrue(mutation.synonymous());
        String variant = rna.substring(0, first) + mutation.mutant() + rna.substring(first + 3);
        double predicted = alone(saved, dataset, variant);
        assertEquals(predicted, mutation.prediction(), 1e-5);
        assertEquals(predicted - original, mutation.change(), 1e-5);
      }
    }
  }

  private static double alone(SavedRun saved, Dataset dataset, String rna) {
    double[][] raw =
        saved.predict(
            dataset.withExamples(List.of(example(rna))),
            TestRuns.options(folder.resolve("brute")),
            Progress.NONE);
    return saved.outputs().restored(0, raw[0][0]);
  }

  private static List<Mutation> mutate(String rna, boolean missense) {
    try (Backend backend = TestBackends.open("scalar");
        SavedRun saved = SavedRun.open(backend, run, List.of())) {
      return new Mutagenesis(saved, TestRuns.options(folder.resolve("cache")), missense)
          .mutate(dataset(saved), example(rna));
    }
  }

  @Test
  void triesEverySynonymAtEveryPosition() {
    // Met and Trp have none, N is left alone, Leu has five, a stop two.
    List<Mutation> mutations = mutate("AUGUGGANGCUAUAA", false);
    assertEquals(7, mutations.size());
    assertEquals(List.of(4, 5), mutations.stream().map(Mutation::position).distinct().toList());
    assertEquals(List.of(), mutate("AUGUGG", false));
  }

  @Test
  void triesEverySenseCodonWhereAsked() {
    List<Mutation> mutations = mutate("AUGUAA", true);
    assertEquals(60, mutations.stream().filter(m -> m.position() == 1).count());
    assertTrue(mutations.stream().filter(m -> m.position() == 1).noneMatch(Mutation::synonymous));
    assertEquals(2, mutations.stream().filter(m -> m.position() == 2).count());
  }

  @Test
  void oneCodonIsASequence() {
    assertEquals(1, mutate("UUU", false).size());
  }
}

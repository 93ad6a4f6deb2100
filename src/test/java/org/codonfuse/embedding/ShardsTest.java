package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.codonfuse.UsageException;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardsTest {
  private static EmbeddingInputs inputs(int... lengths) {
    List<EmbeddingInput> sequences =
        IntStream.range(0, lengths.length)
            .mapToObj(i -> new EmbeddingInput("s" + i, "A".repeat(lengths[i])))
            .toList();
    return new EmbeddingInputs(Molecule.RNA, Optional.empty(), sequences);
  }

  @Test
  void theNotationIsIndexAndCount() {
    assertEquals(new Shard(2, 8), Shards.parse("2/8"));
    assertEquals(
        Path.of("out/store.shard-2-of-8"),
        Shards.directory(Path.of("out/store"), Optional.of(new Shard(2, 8))));
    assertEquals(Path.of("store"), Shards.directory(Path.of("store"), Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "", ".", "a/.."})
  void anOutputWithoutANameOfItsOwnHasNoShards(String output) {
    Optional<Shard> shard = Optional.of(new Shard(1, 2));
    assertThrows(UsageException.class, () -> Shards.directory(Path.of(output), shard));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0/8", "9/8", "2", "/", "a/b", "-1/2", "1/0", "1/2/3", ""})
  void anythingElseIsNoShare(String text) {
    var e = assertThrows(UsageException.class, () -> Shards.parse(text));
    assertTrue(e.getMessage().contains("I/N"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"0,0,3,1,4,1/4", "3,0,3,1,4,4/4", "1,1,8,1,8,1/8", "7,1,9,2,5,4/5", "5,5,5,1,1,1/1"})
  void slurmTasksAreCountedThrough(
      String id, String min, String max, String step, String count, String expected) {
    Map<String, String> environment =
        Map.of(
            "SLURM_ARRAY_TASK_ID", id,
            "SLURM_ARRAY_TASK_MIN", min,
            "SLURM_ARRAY_TASK_MAX", max,
            "SLURM_ARRAY_TASK_STEP", step,
            "SLURM_ARRAY_TASK_COUNT", count);
    assertEquals(Optional.of(Shards.parse(expected)), Shards.ofSlurm(environment));
  }

  @Test
  void slurmSaysNothingOutsideOfArrays() {
    assertEquals(Optional.empty(), Shards.ofSlurm(Map.of("SLURM_JOB_ID", "7")));
    assertEquals(
        Optional.of(new Shard(2, 4)),
        Shards.ofSlurm(Map.of("SLURM_ARRAY_TASK_ID", "2", "SLURM_ARRAY_TASK_COUNT", "4")));
  }

  @ParameterizedTest
  @CsvSource({
    "7,1,7,1,3",
    "2,1,9,2,5",
    "x,1,2,1,2",
    "1,1,4,0,4",
    "2147483647,-2147483648,2147483647,1,''",
    "1,-2147483648,2147483647,1,''",
    "99999999999,1,2,1,2"
  })
  void unevenArraysAreRefused(String id, String min, String max, String step, String count) {
    Map<String, String> environment =
        Map.of(
            "SLURM_ARRAY_TASK_ID", id,
            "SLURM_ARRAY_TASK_MIN", min,
            "SLURM_ARRAY_TASK_MAX", max,
            "SLURM_ARRAY_TASK_STEP", step,
            "SLURM_ARRAY_TASK_COUNT", count);
    var e = assertThrows(UsageException.class, () -> Shards.ofSlurm(environment));
    assertTrue(e.getMessage().contains("--shard"), e.getMessage());
  }

  @Test
  void sharesAreContiguousDisjointAndTogetherEverything() {
    SplittableRandom random = new SplittableRandom(1);
    for (int trial = 0; trial < 200; trial++) {
      int[] lengths = random.ints(1 + random.nextInt(40), 1, 1000).toArray();
      EmbeddingInputs all = inputs(lengths);
      int count = 1 + random.nextInt(lengths.length);
      List<EmbeddingInput> joined = new ArrayList<>();
      for (int i = 1; i <= count; i++) {
        List<EmbeddingInput> share = Shards.of(all, new Shard(i, count)).sequences();
        assertTrue(!share.isEmpty());
        joined.addAll(share);
      }
      assertEquals(all.sequences(), joined);
    }
  }

  @Test
  void sharesHaveAboutEqualNumbersOfLetters() {
    int[] lengths = new SplittableRandom(2).ints(1000, 81, 1021).toArray();
    EmbeddingInputs all = inputs(lengths);
    double mean = IntStream.of(lengths).sum() / 7.0;
    for (int i = 1; i <= 7; i++) {
      int letters =
          Shards.of(all, new Shard(i, 7)).sequences().stream()
              .mapToInt(sequence -> sequence.letters().length())
              .sum();
      assertEquals(mean, letters, 1021);
    }
  }

  @Test
  void moreSharesThanSequencesAreRefused() {
    EmbeddingInputs two = inputs(10, 10);
    var e = assertThrows(UsageException.class, () -> Shards.of(two, new Shard(1, 3)));
    assertTrue(e.getMessage().contains("2 sequences"), e.getMessage());
  }
}

package org.codonfuse.sequence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitsTest {
  @Test
  void sharesAreKept() {
    List<Split> splits = Splits.random(new SplitPolicy.Random(1, 0.7, 0.15), new int[200]);
    assertEquals(140, Collections.frequency(splits, Split.TRAIN));
    assertEquals(30, Collections.frequency(splits, Split.VALIDATION));
    assertEquals(30, Collections.frequency(splits, Split.TEST));
  }

  @Test
  void classesAreSharedOutAlike() {
    int[] strata = IntStream.range(0, 200).map(i -> i % 10 == 0 ? 1 : 0).toArray();
    List<Split> splits = Splits.random(new SplitPolicy.Random(1, 0.6, 0.2), strata);
    assertEquals(12, count(splits, strata, Split.TRAIN, 1));
    assertEquals(4, count(splits, strata, Split.VALIDATION, 1));
    assertEquals(4, count(splits, strata, Split.TEST, 1));
  }

  @Test
  void theSeedDecides() {
    assertEquals(random(7), random(7));
    assertNotEquals(random(7), random(8));
    // A division that changes between versions would move test rows into the training of others.
    assertEquals(
        "trvatrvatrtetrtrtrtrtrte",
        Splits.random(new SplitPolicy.Random(42, 0.7, 0.15), new int[12]).stream()
            .map(split -> split.label().substring(0, 2))
            .reduce("", String::concat));
  }

  @Property(tries = 200)
  void strataKeepTheirSharesToOneRow(
      @ForAll @Size(min = 3, max = 80) int @IntRange(max = 5) [] strata,
      @ForAll @DoubleRange(min = 0.1, max = 0.6) double train,
      @ForAll @DoubleRange(min = 0.1, max = 0.3) double validation,
      @ForAll long seed) {
    var policy = new SplitPolicy.Stratified(seed, train, validation);
    List<Split> splits = Splits.stratified(policy, strata);

    assertEquals(splits, Splits.stratified(policy, strata));
    assertEquals(strata.length * train, Collections.frequency(splits, Split.TRAIN), 0.5);
    for (int stratum : strata) {
      long size = IntStream.of(strata).filter(other -> other == stratum).count();
      assertEquals(size * train, count(splits, strata, Split.TRAIN, stratum), 1 + 1e-9);
      assertEquals(size * validation, count(splits, strata, Split.VALIDATION, stratum), 2 + 1e-9);
    }
  }

  @Test
  void tinyStrataKeepTheSharesOfAll() {
    int[] strata = IntStream.range(0, 1000).toArray();
    List<Split> splits = Splits.stratified(new SplitPolicy.Stratified(1, 0.7, 0.15), strata);

    assertEquals(700, Collections.frequency(splits, Split.TRAIN));
    assertEquals(150, Collections.frequency(splits, Split.VALIDATION), 1);
    assertEquals(150, Collections.frequency(splits, Split.TEST), 1);
  }

  @Property(tries = 200)
  void groupsStayWholeAndSharesAreKeptAsTheyAllow(
      @ForAll @Size(min = 40, max = 120) int @IntRange(max = 60) [] groups, @ForAll long seed) {
    var policy = new SplitPolicy.Cluster(seed, 0.6, 0.2, 0.5);
    List<Split> splits = Splits.clustered(policy, groups);

    assertEquals(splits, Splits.clustered(policy, groups));
    assertWhole(groups, splits);
    int largest =
        IntStream.of(groups)
            .map(group -> (int) IntStream.of(groups).filter(other -> other == group).count())
            .max()
            .orElseThrow();
    assertEquals(groups.length * 0.6, Collections.frequency(splits, Split.TRAIN), largest + 1);
    assertEquals(groups.length * 0.2, Collections.frequency(splits, Split.TEST), largest + 1);
  }

  @Test
  void groupsOfOneAreDividedAsRandomly() {
    int[] groups = IntStream.range(0, 200).toArray();
    List<Split> splits = Splits.clustered(new SplitPolicy.Cluster(1, 0.7, 0.15, 0.5), groups);

    assertEquals(140, Collections.frequency(splits, Split.TRAIN));
    assertEquals(30, Collections.frequency(splits, Split.VALIDATION));
    assertNotEquals(splits, Splits.clustered(new SplitPolicy.Cluster(2, 0.7, 0.15, 0.5), groups));
  }

  @Property(tries = 100)
  void everyGroupIsTestedWholeInExactlyOneFold(
      @ForAll @Size(min = 10, max = 80) int @IntRange(max = 30) [] groups,
      @ForAll @IntRange(min = 3, max = 6) int folds,
      @ForAll long seed) {
    int[] tested = new int[groups.length];
    for (int fold = 0; fold < folds; fold++) {
      List<Split> splits =
          Splits.clusteredKFold(new SplitPolicy.ClusterKFold(seed, folds, fold, 0.5), groups);
      assertWhole(groups, splits);
      for (int row = 0; row < groups.length; row++) {
        tested[row] += splits.get(row) == Split.TEST ? 1 : 0;
      }
    }
    assertTrue(IntStream.of(tested).allMatch(count -> count == 1));
  }

  private static void assertWhole(int[] groups, List<Split> splits) {
    for (int i = 0; i < groups.length; i++) {
      for (int j = 0; j < i; j++) {
        assertTrue(groups[i] != groups[j] || splits.get(i) == splits.get(j));
      }
    }
  }

  @Property(tries = 200)
  void everyRowIsTestedInExactlyOneFold(
      @ForAll @IntRange(min = 3, max = 60) int rows,
      @ForAll @IntRange(min = 3, max = 10) int folds,
      @ForAll long seed) {
    int[] strata = IntStream.range(0, rows).map(i -> i % 3).toArray();
    int[] tested = new int[rows];
    int[] validated = new int[rows];
    for (int fold = 0; fold < folds; fold++) {
      List<Split> splits = Splits.kFold(new SplitPolicy.KFold(seed, folds, fold), strata);
      int inFold = Collections.frequency(splits, Split.TEST);
      assertTrue(inFold == rows / folds || inFold == rows / folds + 1);
      for (int row = 0; row < rows; row++) {
        tested[row] += splits.get(row) == Split.TEST ? 1 : 0;
        validated[row] += splits.get(row) == Split.VALIDATION ? 1 : 0;
      }
    }
    assertTrue(IntStream.of(tested).allMatch(count -> count == 1));
    assertTrue(IntStream.of(validated).allMatch(count -> count == 1));
  }

  @ParameterizedTest
  @CsvSource({
    "train,TRAIN",
    "Training,TRAIN",
    "val,VALIDATION",
    "VALID,VALIDATION",
    "validation,VALIDATION",
    "dev,VALIDATION",
    "' test ',TEST"
  })
  void splitNamesInUseAreRead(String text, Split split) {
    assertEquals(Optional.of(split), Split.parse(text));
  }

  @Test
  void otherSplitNamesAreNot() {
    assertEquals(Optional.empty(), Split.parse("holdout"));
    assertEquals(Optional.empty(), Split.parse(""));
  }

  @Test
  void theNotationOfTheCommandLineIsRead() {
    assertEquals(new SplitPolicy.Auto(3), SplitPolicy.parse("auto", 3));
    assertEquals(new SplitPolicy.Column(), SplitPolicy.parse("COLUMN", 3));
    assertEquals(new SplitPolicy.Random(3, 0.7, 0.15), SplitPolicy.parse("random:0.7,.15", 3));
    assertEquals(new SplitPolicy.KFold(3, 5, 4), SplitPolicy.parse("KFold:4/5", 3));
    assertEquals(
        new SplitPolicy.Stratified(3, 0.7, 0.15), SplitPolicy.parse("stratified:0.7,0.15", 3));
    assertEquals(
        new SplitPolicy.StratifiedKFold(3, 5, 4), SplitPolicy.parse("stratified-kfold:4/5", 3));
    assertEquals(
        new SplitPolicy.Cluster(3, 0.7, 0.15, 0.5), SplitPolicy.parse("cluster:0.7,0.15", 3));
    assertEquals(
        new SplitPolicy.Cluster(3, 0.7, 0.15, 0.8), SplitPolicy.parse("Cluster:0.7,0.15,.8", 3));
    assertEquals(
        new SplitPolicy.ClusterKFold(3, 5, 4, 0.5), SplitPolicy.parse("cluster-kfold:4/5", 3));
    assertEquals(
        new SplitPolicy.ClusterKFold(3, 5, 4, 1), SplitPolicy.parse("cluster-kfold:4/5,1", 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Auto:",
        "random",
        "random:0.7",
        "random:0.7,NaN",
        "random:0.6,0.2,0.2",
        "random:a,0.2",
        "kfold:1",
        "kfold:1,5",
        "kfold:1/x",
        "kfold:0.5/5",
        "kfold:1/99999999999",
        "kfold:1/5/2",
        "kfold:1/5,0.5",
        "stratified:0.7",
        "stratified:0.7,0.1,0.5",
        "stratified-kfold:1",
        "stratified-kfold:1/5,0.9",
        "cluster:0.7",
        "cluster:0.7,0.15,",
        "cluster:0.7,0.15,half",
        "cluster-kfold:1,5",
        "kfold-cluster:1/5"
      })
  void otherNotationsAreRefused(String text) {
    var e = assertThrows(UsageException.class, () -> SplitPolicy.parse(text, 1));
    assertEquals(
        "--split "
            + text
            + " is not understood; use auto, column, random:0.7,0.15, stratified:0.7,0.15,"
            + " cluster:0.7,0.15, kfold:0/5 (fold 0 of 5), stratified-kfold:0/5 or"
            + " cluster-kfold:0/5.",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "'random:0.9,0.2',split shares 0.9 and 0.2 leave nothing",
    "'random:-0.1,0.2',split shares -0.1 and 0.2 leave nothing",
    "kfold:5/5,fold 5 of 5 cannot be",
    "kfold:-1/5,fold -1 of 5 cannot be",
    "'stratified:0.9,0.2',split shares 0.9 and 0.2 leave nothing",
    "stratified-kfold:5/5,fold 5 of 5 cannot be",
    "'cluster:0.9,0.2',split shares 0.9 and 0.2 leave nothing",
    "'cluster:0.7,0.2,1.5',a similarity of 1.5 cannot be looked for",
    "'cluster-kfold:0/5,0.05',a similarity of 0.05 cannot be looked for; give a number from 0.1 to"
        + " 1."
  })
  void aNotationOfAnImpossibleDivisionSaysWhy(String text, String message) {
    var e = assertThrows(UsageException.class, () -> SplitPolicy.parse(text, 1));
    assertTrue(e.getMessage().startsWith(message), e::getMessage);
  }

  @Test
  void impossibleDivisionsAreRefused() {
    assertThrows(UsageException.class, () -> new SplitPolicy.Random(1, 0.9, 0.1));
    assertThrows(UsageException.class, () -> new SplitPolicy.Random(1, 0, 0.1));
    assertThrows(UsageException.class, () -> new SplitPolicy.Random(1, Double.NaN, 0.1));
    assertThrows(UsageException.class, () -> new SplitPolicy.KFold(1, 2, 0));
    assertThrows(UsageException.class, () -> new SplitPolicy.KFold(1, 5, 5));
  }

  private static List<Split> random(long seed) {
    return Splits.random(new SplitPolicy.Random(seed, 0.7, 0.15), new int[50]);
  }

  private static long count(List<Split> splits, int[] strata, Split split, int stratum) {
    return IntStream.range(0, strata.length)
        .filter(i -> strata[i] == stratum && splits.get(i) == split)
        .count();
  }
}

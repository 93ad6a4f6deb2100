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
import net.jqwik.api.constraints.IntRange;
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
        "kfold:1/5/2"
      })
  void otherNotationsAreRefused(String text) {
    var e = assertThrows(UsageException.class, () -> SplitPolicy.parse(text, 1));
    assertEquals(
        "--split "
            + text
            + " is not understood; use auto, column, random:0.7,0.15 or kfold:0/5 (fold 0 of 5).",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "'random:0.9,0.2',split shares 0.9 and 0.2 leave nothing",
    "'random:-0.1,0.2',split shares -0.1 and 0.2 leave nothing",
    "kfold:5/5,fold 5 of 5 cannot be",
    "kfold:-1/5,fold -1 of 5 cannot be"
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

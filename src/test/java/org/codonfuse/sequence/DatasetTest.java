package org.codonfuse.sequence;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
  private static final DatasetOptions TRAINING = DatasetOptions.training(1);
  private static final String SPLIT =
      """
      Sequence,Value,Split
      AUGGCC,1,train
      AUGGCU,2,train
      AUGGCA,3,val
      AUGGCG,4,val
      AUGUCC,5,test
      AUGUCU,6e-1,test
      """;

  private static final String SEVERAL =
      """
      Sequence,half,yield,Split
      AUGGCC,1,NA,train
      AUGGCU,NA,20,train
      AUGGCG,3,30,train
      AUGGCA,NA,4,val
      AUGGUG,4,5,val
      AUGUCC,5,6,test
      AUGUCU,6,7,test
      """;

  @TempDir Path folder;

  @Test
  void numbersAndSplitsAreRead() {
    Dataset dataset = load(SPLIT, TRAINING);
    assertEquals(Task.REGRESSION, dataset.task());
    assertEquals(List.of(), dataset.classes());
    assertEquals(
        new Example("6", new CodingSequence("6", "AUGUCU"), 0.6, Split.TEST, 7),
        dataset.examples().getLast());
    assertEquals(List.of(3.0, 4.0), targets(dataset, Split.VALIDATION));
    assertArrayEquals(new int[] {2, 3}, dataset.indices(Split.VALIDATION));
    assertEquals(
        Map.of(Split.TRAIN, 2, Split.VALIDATION, 2, Split.TEST, 2), dataset.diagnostics().splits());
  }

  @Test
  void withoutASplitColumnTheSeedDivides() {
    Dataset dataset = load(rows(100, "%d"), TRAINING);
    assertEquals(70, dataset.of(Split.TRAIN).size());
    assertEquals(15, dataset.of(Split.TEST).size());
    assertEquals(dataset, load(rows(100, "%d"), TRAINING));
    assertEquals(
        20, load(rows(100, "%d"), split(new SplitPolicy.KFold(1, 5, 2))).of(Split.TEST).size());
  }

  @Test
  void wordsAreClasses() {
    Dataset dataset = load(classes("high", "low", "medium"), TRAINING);
    assertEquals(Task.CLASSIFICATION, dataset.task());
    assertEquals(List.of("high", "low", "medium"), dataset.classes());
    assertEquals(1.0, dataset.examples().get(1).target());
    assertEquals(Map.of("high", 20, "low", 20, "medium", 20), dataset.diagnostics().classes());
    assertEquals(42, dataset.of(Split.TRAIN).size());
  }

  @Test
  void numbersAreClassesIfTheTaskSaysSoInNumericalOrder() {
    Dataset dataset =
        load(
            classes("10", "9"),
            options(Optional.of(Task.CLASSIFICATION), OptionalInt.empty(), TRAINING.split()));
    assertEquals(List.of("9", "10"), dataset.classes());
    assertEquals(1.0, dataset.examples().getFirst().target());
  }

  @Test
  void evaluationUsesTheClassesOfTheModel() {
    DatasetOptions options =
        DatasetOptions.evaluation(Task.CLASSIFICATION, List.of("low", "medium", "high"));
    Dataset dataset = load(classes("high", "low"), options);
    assertEquals(List.of("low", "medium", "high"), dataset.classes());
    assertEquals(2.0, dataset.examples().getFirst().target());
    assertEquals(40, dataset.of(Split.TEST).size());
    assertFails(
        ":3: the class 'none' is not one that the model knows (low, medium, high)",
        classes("high", "none"),
        options);
  }

  @Test
  void evaluationTakesAnyRowsButNotASingleOne() {
    DatasetOptions options = DatasetOptions.evaluation(Task.REGRESSION, List.of());
    assertEquals(2, load("Sequence,Value\nAUG,1\nAUC,1\n", options).of(Split.TEST).size());
    assertEquals(
        2, load("Sequence,Value,Split\nAUG,1,test\nAUC,1,test\n", options).examples().size());
    assertFails("the test split has 1 row of the 1", "Sequence,Value\nAUG,1\n", options);
  }

  @Test
  void predictionNeedsNoTarget() {
    Dataset dataset =
        Dataset.loadUnlabelled(
            write(">a\nATGGCC\n"),
            ReadOptions.detect(),
            DatasetOptions.evaluation(Task.CLASSIFICATION, List.of("x", "y")));
    Example example = dataset.examples().getFirst();
    assertEquals("AUGGCC", example.sequence().rna());
    assertTrue(Double.isNaN(example.target()));
    assertEquals(List.of("x", "y"), dataset.classes());
    assertEquals(Map.of("x", 0, "y", 0), dataset.diagnostics().classes());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sequence,Value,label,Split\nAUG,,low,spam\n",
        "CDS,y,target\nAUG,x,\n",
        ">a\nAUG\n"
      })
  void predictionDoesNotLookAtTargetsAndSplits(String text) {
    var labels =
        new ReadOptions(
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            text.startsWith(">") ? Optional.of(folder.resolve("absent.csv")) : Optional.empty());
    Dataset dataset =
        Dataset.loadUnlabelled(
            write(text), labels, DatasetOptions.evaluation(Task.REGRESSION, List.of()));
    assertEquals("AUG", dataset.examples().getFirst().sequence().rna());
    assertTrue(Double.isNaN(dataset.examples().getFirst().target()));
    assertEquals(Split.TEST, dataset.examples().getFirst().split());
  }

  @Test
  void longSequencesAreRemovedOrTruncatedAndCounted() {
    String text = SPLIT.replace("AUGGCC,1", "AUGGCCUAAGG,1") + "AUGAUGAUGAUGAUG,9,test\n";
    Dataset dataset = load(text, atMost(12).withTruncateTo(8));
    assertEquals(6, dataset.examples().size());
    assertEquals("AUGGCCUA", dataset.examples().getFirst().sequence().rna());
    assertEquals(1, dataset.diagnostics().filtered());
    assertEquals(1, dataset.diagnostics().truncated());
    assertEquals(7, dataset.diagnostics().sequences());
    assertFails(
        "every sequence is longer than the limit of 5 nt; give shorter ones, or train with a"
            + " higher",
        SPLIT,
        atMost(5));
    assertThrows(UsageException.class, () -> atMost(2));
  }

  @Test
  void diagnosticsCountWhatCleaningFound() {
    Dataset dataset =
        load(
            """
            Sequence,Value,Split
            atgGCC,1,train
            ATGUAAGCC,2,train
            AUGNRC,3,val
            GCCAUGA,4,val
            AUGGCC,5,test
            AUGUAA,6,test
            AUGUAA,7,test
            """,
            TRAINING);
    assertEquals(
        new Diagnostics(
            7,
            0,
            0,
            1,
            2,
            1,
            2,
            1,
            1,
            1,
            2,
            2,
            0,
            Map.of(Split.TRAIN, 2, Split.VALIDATION, 2, Split.TEST, 3),
            Map.of(),
            Map.of()),
        dataset.diagnostics());
    String table = dataset.diagnostics().toTable();
    assertTrue(table.contains("ambiguous nucleotides                 1  kept, 2 in all\n"), table);
    assertTrue(
        table.contains("in more than one split                2  kept, the test is easier"), table);
    assertTrue(table.contains("split validation                      2\n"), table);
    Map<String, Object> map = dataset.diagnostics().toMap();
    assertEquals(2, map.get("across_splits"));
    assertEquals(Map.of("train", 2, "validation", 2, "test", 3), map.get("splits"));
  }

  @Test
  void stopsInARowAtTheEndAreNotInternal() {
    assertEquals(
        0,
        load(SPLIT.replace("AUGGCC,1", "AUGGCCUGAUAAUGA,1"), TRAINING)
            .diagnostics()
            .internalStops());
    assertEquals(
        1,
        load(SPLIT.replace("AUGGCC,1", "AUGUGAGCCUGAUGA,1"), TRAINING)
            .diagnostics()
            .internalStops());
  }

  @Test
  void theGeneticCodeDecidesWhatAStopIs() {
    String text = SPLIT.replace("AUGGCC,1", "AUGUGAGCC,1");
    assertEquals(1, load(text, TRAINING).diagnostics().internalStops());
    assertEquals(0, load(text, TRAINING.withCode(GeneticCode.of(4))).diagnostics().internalStops());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cluster:0.6,0.2", "cluster-kfold:1/5"})
  void nearDuplicatesDoNotStraddleSplitsByCluster(String policy) {
    StringBuilder text = new StringBuilder("Sequence,Value\n");
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 40; i++) {
      String sequence =
          random.ints(60, 0, 4).mapToObj(n -> "ACGU".substring(n, n + 1)).collect(joining());
      for (String tail : List.of("", "A", "GCA")) {
        text.append(sequence).append(tail).append(',').append(i).append('\n');
      }
    }

    DatasetOptions options = split(SplitPolicy.parse(policy, 1));
    Dataset dataset = load(text.toString(), options);

    for (int i = 0; i < 120; i += 3) {
      Split split = dataset.examples().get(i).split();
      assertEquals(split, dataset.examples().get(i + 1).split());
      assertEquals(split, dataset.examples().get(i + 2).split());
    }
    assertEquals(24, dataset.of(Split.TEST).size());
    // What encoders read of the sequences must not change which are together.
    Dataset truncated = load(text.toString(), options.withTruncateTo(9));
    assertEquals(
        dataset.examples().stream().map(Example::split).toList(),
        truncated.examples().stream().map(Example::split).toList());
  }

  @Test
  void oneGroupOfAllCannotBeDivided() {
    assertFails(
        "40 of the 40 sequences are one group at a similarity of 0.5, which leaves none for the"
            + " validation split; group at a higher similarity, as in cluster:0.7,0.15,0.8.",
        rows(40, "%d").replaceAll("(?m)^[ACGU]+,", "A".repeat(30) + ","),
        split(new SplitPolicy.Cluster(1, 0.7, 0.15, 0.5)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stratified:0.6,0.2", "stratified-kfold:2/5"})
  void stratificationGivesEverySplitItsShareOfEveryLevel(String policy) {
    Dataset dataset = load(rows(100, "%d"), split(SplitPolicy.parse(policy, 1)));
    for (Split split : List.of(Split.VALIDATION, Split.TEST)) {
      List<Double> targets = targets(dataset, split);
      assertEquals(20, targets.size());
      for (int decile = 0; decile < 10; decile++) {
        int from = 10 * decile;
        assertEquals(2, targets.stream().filter(t -> t >= from && t < from + 10).count());
      }
    }
    assertEquals(
        dataset.examples(), load(rows(100, "%d"), split(SplitPolicy.parse(policy, 1))).examples());
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "1,5", "0x10", "1d", "12 3"})
  void aTargetThatIsNoNumberIsNamedWithItsLine(String cell) {
    assertFails(
        ":4: the target '" + cell + "' in column 'Value' is not a number; correct it",
        SPLIT.replace("GCA,3", "GCA,\"" + cell + "\""),
        TRAINING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "-inf", "Infinity", "1e999"})
  void aTargetThatIsNotFiniteIsNamedWithItsLine(String cell) {
    assertFails(
        ":4: the target '" + cell + "' in column 'Value' is not a finite number",
        SPLIT.replace("GCA,3", "GCA," + cell),
        TRAINING);
  }

  @Test
  void aBadRowIsNamedWithItsLine() {
    assertFails(
        ":4: the target in column 'Value' is empty", SPLIT.replace("GCA,3", "GCA,"), TRAINING);
    assertFails(
        ":3: 'spam' in column 'Split' is no split; write train, val or test.",
        SPLIT.replace("2,train", "2,spam"),
        TRAINING);
    assertFails(
        ":2: the sequence has 'J' at position 4", SPLIT.replace("AUGGCC", "AUGJ"), TRAINING);
    assertFails(":2: the sequence is empty", SPLIT.replace("AUGGCC", ""), TRAINING);
  }

  @Test
  void mostlyTextAmongNumbersSuggestsClassification() {
    assertFails(
        ":2: the target 'a' in column 'Value' is not a number; correct it or remove the row, or"
            + " give --task classification if the column holds classes.",
        "Sequence,Value\nAUG,a\nAUC,b\nAUU,1\n",
        TRAINING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "NA", "nan"})
  void oneOfSeveralTargetsMayBeMissing(String missing) {
    Dataset dataset = loadSeveral(SEVERAL.replace("NA", missing), List.of("half", "yield"));

    assertEquals(List.of("half", "yield"), dataset.targets());
    assertEquals(Task.REGRESSION, dataset.task());
    assertEquals(List.of(1.0, Double.NaN), dataset.examples().getFirst().targets());
    assertEquals(List.of(Double.NaN, 20.0), dataset.examples().get(1).targets());
    assertEquals(Map.of("half", 2, "yield", 1), dataset.diagnostics().missingTargets());
    assertEquals(
        List.of("yield", "half"), loadSeveral(SEVERAL, List.of("YIELD", "half")).targets());
  }

  @Test
  void severalTargetsThatCannotBeAreNamed() {
    List<String> both = List.of("half", "yield");
    assertFailsSeveral(
        ":3: every target (half, yield) is missing; fill one in or remove the row.",
        SEVERAL.replace(",20", ","),
        both);
    assertFailsSeveral(
        ":3: the target 'x' in column 'yield' is not a number; correct it or remove the row.",
        SEVERAL.replace(",20", ",x"),
        both);
    assertFailsSeveral(
        "column 'yield' is constant (20.0 in all training rows)",
        SEVERAL.replace(",30", ",20"),
        both);
    assertFailsSeveral(
        "column 'yield' has no value in any training row",
        SEVERAL.replace("NA,20", "2,NA").replace(",30", ",NA"),
        both);
    assertFailsSeveral(
        "--target-column names the column 'half' twice", SEVERAL, List.of("half", "HALF"));
    DatasetOptions classes =
        options(Optional.of(Task.CLASSIFICATION), OptionalInt.empty(), TRAINING.split());
    ReadOptions reading = ReadOptions.detect().withTargetColumns(both);
    var e =
        assertThrows(UsageException.class, () -> Dataset.load(write(SEVERAL), reading, classes));
    assertTrue(e.getMessage().contains("(half, yield) are predicted as numbers"), e::getMessage);
  }

  @Test
  void aClassWithoutTrainingRowsIsRefused() {
    String text =
        """
        Sequence,label,Split
        AUGGCC,a,train
        AUGGCU,b,train
        AUGGCA,a,val
        AUGGCG,b,val
        AUGUCC,a,test
        AUGUCU,c,test
        """;
    assertFails(
        "class 'c' has no row in the train split and cannot be learned; add rows or divide",
        text,
        TRAINING);
    // Undefined metrics are no reason to refuse.
    assertEquals(List.of("a", "b"), load(text.replace(",c,", ",a,"), TRAINING).classes());
  }

  @Test
  void targetsThatTeachNothingAreRefused() {
    assertFails(
        "target column 'Value' is constant (2.5 in all training rows)", rows(40, "2.5"), TRAINING);
    assertFails("is constant (low in all training rows)", rows(40, "low"), TRAINING);
    assertFails(
        "has 40 different values in 40 rows, which are no classes; choose",
        rows(40, "g%d"),
        TRAINING);
  }

  @Test
  void missingTargetsAndSplitsNameTheOptions() {
    assertFails(
        "no column is named like a target (Value, target, label, y); choose --target-column among"
            + " Sequence, score.",
        "Sequence,score\nAUG,1\n",
        TRAINING);
    assertFails(
        "FASTA has no targets; give a CSV file of them with --labels.", ">a\nAUG\n", TRAINING);
    assertFails(
        "has no column Split; choose --split-column among Sequence, Value.",
        rows(40, "%d"),
        split(new SplitPolicy.Column()));
  }

  @Test
  void aSplitOfFewerThanTwoRowsIsNamed() {
    assertFails(
        "the validation split has 1 row of the 6 and needs at least 2; add rows",
        SPLIT.replace("3,val", "3,train"),
        TRAINING);
    assertFails("the test split has no rows of the 6", SPLIT.replace("test", "val"), TRAINING);
    assertFails("split has", rows(4, "%d"), TRAINING);
  }

  private static DatasetOptions atMost(int nucleotides) {
    return options(Optional.empty(), OptionalInt.of(nucleotides), TRAINING.split());
  }

  private static DatasetOptions split(SplitPolicy split) {
    return options(Optional.empty(), OptionalInt.empty(), split);
  }

  private static DatasetOptions options(
      Optional<Task> task, OptionalInt maxLength, SplitPolicy split) {
    return new DatasetOptions(
        task, List.of(), maxLength, OptionalInt.empty(), GeneticCode.standard(), split, true);
  }

  private Dataset load(String text, DatasetOptions options) {
    return Dataset.load(write(text), ReadOptions.detect(), options);
  }

  private Dataset loadSeveral(String text, List<String> columns) {
    return Dataset.load(write(text), ReadOptions.detect().withTargetColumns(columns), TRAINING);
  }

  private void assertFailsSeveral(String message, String text, List<String> columns) {
    var e = assertThrows(RuntimeException.class, () -> loadSeveral(text, columns));
    assertTrue(e instanceof CodonfuseException || e instanceof UsageException, e::toString);
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  private void assertFails(String message, String text, DatasetOptions options) {
    var e = assertThrows(CodonfuseException.class, () -> load(text, options));
    assertTrue(e.getMessage().startsWith(folder.resolve("data").toString()), e::getMessage);
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  private Path write(String text) {
    try {
      return Files.writeString(folder.resolve("data"), text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Double> targets(Dataset dataset, Split split) {
    return dataset.of(split).stream().map(Example::target).toList();
  }

  private static String classes(String... labels) {
    var text = new StringBuilder("Sequence,Value\n");
    for (int i = 0; i < 20 * labels.length; i++) {
      text.append("AUG").append("GCC".repeat(i + 1)).append(',').append(labels[i % labels.length]);
      text.append('\n');
    }
    return text.toString();
  }

  private static String rows(int count, String target) {
    var random = new Random(5);
    var text = new StringBuilder("Sequence,Value\n");
    for (int i = 0; i < count; i++) {
      text.append("AUG");
      for (int j = 0; j < 12; j++) {
        text.append("ACGU".charAt(random.nextInt(4)));
      }
      text.append(',').append(String.format(target, i)).append('\n');
    }
    return text.toString();
  }
}

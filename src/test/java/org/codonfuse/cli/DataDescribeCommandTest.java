package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDescribeCommandTest {
  @TempDir private Path folder;

  private Said describe(String... options) {
    List<String> args = new ArrayList<>(List.of("data", "describe", "@data.csv"));
    args.addAll(List.of(options));
    return new RunCommandsFixture(folder).call(args.toArray(String[]::new));
  }

  private void write(String text) throws IOException {
    Files.writeString(folder.resolve("data.csv"), text);
  }

  private static String random(SplittableRandom random, int length) {
    return random
        .ints(length, 0, 4)
        .mapToObj(n -> "ACGU".substring(n, n + 1))
        .collect(Collectors.joining());
  }

  /**
   * 40 sequences, every fourth of them a test; those from 32 on are those from 0 on with another
   * end, 36 is 4 itself.
   */
  private static String planted() {
    SplittableRandom random = new SplittableRandom(1);
    List<String> sequences = new ArrayList<>();
    StringBuilder text = new StringBuilder("id,Sequence,Value,Split\n");
    for (int i = 0; i < 40; i++) {
      String sequence =
          i == 36
              ? sequences.get(4)
              : i >= 32 ? sequences.get(i - 31) + "GCA" : random(random, 60 + 3 * (i % 4));
      sequences.add(sequence);
      String split = i % 4 == 0 ? "test" : i % 4 == 1 ? "val" : "train";
      text.append("s%d,%s,%d,%s%n".formatted(i, sequence, i, i == 4 ? "train" : split));
    }
    return text.toString();
  }

  private JsonNode json(String... options) throws IOException {
    List<String> args = new ArrayList<>(List.of(options));
    args.add("--json");
    Said said = describe(args.toArray(String[]::new));
    assertEquals(0, said.code(), said.err());
    return new ObjectMapper().readTree(said.out());
  }

  @Test
  void lengthsTargetsAndSplitsAreCounted() throws IOException {
    write(planted());
    JsonNode result = json();

    assertEquals(40, result.get("sequences").asInt());
    assertEquals("regression", result.get("task").asText());
    assertEquals(60, result.at("/nucleotides/min").asInt());
    assertEquals(20, result.at("/codons/min").asInt());
    assertTrue(result.at("/gc/mean").asDouble() > 0.4);
    assertEquals(19.5, result.at("/targets/0/median").asDouble());
    assertEquals(11, result.at("/targets/0/edges").size());
    assertEquals("[4,4,4,4,4,4,4,4,4,4]", result.at("/targets/0/counts").toString());
    assertEquals(9, result.at("/diagnostics/splits/test").asInt());
    assertEquals(1, result.at("/diagnostics/duplicates").asInt());
  }

  @Test
  void leaksFromTrainingToTestAreFoundAndWarnedOf() throws IOException {
    write(planted());
    JsonNode test = json().at("/near_duplicates/test");

    // 36 is 4 and 8 like 39, which are in training; 32 is like 1, which is not and so no leak.
    assertEquals(1, test.get("identical_in_training").asInt());
    assertEquals(2, test.get("near_duplicates_in_training").asInt());
    assertEquals("s36", test.at("/worst/0/id").asText());
    assertEquals("s4", test.at("/worst/0/training").asText());
    assertEquals(1, test.at("/worst/0/similarity").asDouble());

    Said said = describe();
    assertTrue(
        said.out().contains("2 of the 9 test sequences have a near-duplicate in training"),
        said.out());
    assertTrue(said.out().contains("with --split cluster:0.7,0.15."), said.out());
    assertTrue(said.out().contains("  1.000  s36 and s4"), said.out());
  }

  @Test
  void aDivisionByGroupsLeaksNothing() throws IOException {
    write(planted());
    JsonNode result = json("--split=cluster:0.6,0.2");

    assertEquals(0, result.at("/near_duplicates/test/near_duplicates_in_training").asInt());
    assertEquals(0, result.at("/near_duplicates/validation/near_duplicates_in_training").asInt());
    assertEquals(0, result.get("advice").size(), result::toString);
    assertTrue(result.at("/near_duplicates/sequences_with_near_duplicates").asInt() > 10);
  }

  @Test
  void filesWithoutTargetsAndSplitsAreDescribedToo() throws IOException {
    write("Sequence\nAUGGCC\nAUGGCCGCC\n");
    Said said = describe();

    assertEquals(0, said.code(), said.err());
    assertTrue(said.out().startsWith(folder + "/data.csv: 2 sequences, no targets\n"), said.out());
    assertTrue(said.out().contains("not divided into splits"), said.out());
    assertFalse(said.out().contains("split test"), said.out());
    assertFalse(json().get("divided").asBoolean());
  }

  @Test
  void classesAreCountedBySplitAndThoseThatLackNamed() throws IOException {
    write(
        """
        Sequence,label,Split
        AUGGCCAAA,low,train
        AUGGCUCCC,high,train
        AUGGCAGGG,low,val
        AUGUCCAGA,high,test
        AUGGCCGGA,low,test
        """);
    Said said = describe();

    assertEquals(0, said.code(), said.err());
    assertTrue(said.out().contains("train 1, validation 1, test 1"), said.out());
    assertTrue(said.out().contains("Class 'high' has no row in the validation split"), said.out());
    assertEquals(0, json().at("/classes/high/validation").asInt(-1));
  }

  @Test
  void severalTargetsHaveAHistogramEachAndTheirGaps() throws IOException {
    write("Sequence,a,b\nAUGGCC,1,NA\nAUGGCU,2,7\nAUGGCG,NA,7\nAUGCCC,4,7\n");
    JsonNode result = json("--target-column=a", "--target-column=b");

    assertEquals("a", result.at("/targets/0/name").asText());
    assertEquals(1, result.at("/targets/0/missing").asInt());
    assertEquals("[3]", result.at("/targets/1/counts").toString());
    assertEquals(1, result.at("/diagnostics/missing_targets/b").asInt());
  }

  @Test
  void badOptionsAreNamed() throws IOException {
    write(planted());
    for (String similarity : List.of("0", "1.5", "NaN")) {
      Said said = describe("--similarity=" + similarity);
      assertEquals(2, said.code());
      assertTrue(said.err().contains("cannot be looked for; give a number from 0.1"), said.err());
    }
    assertEquals(2, describe("--split=cluster:0.7").code());
    assertEquals(1, new RunCommandsFixture(folder).call("data", "describe", "@absent.csv").code());
  }
}

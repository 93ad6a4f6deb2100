package org.codonfuse.sequence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeldOutTest {
  private static final ReadOptions PLAIN =
      new ReadOptions(
          Optional.empty(), List.of(), Optional.empty(), Optional.empty(), Optional.empty());

  @TempDir private Path folder;

  private SequenceTable table(String content) throws IOException {
    return SequenceReader.readDivided(Files.writeString(folder.resolve("data"), content), PLAIN);
  }

  private static HeldOut divide(SequenceTable table, String policy) {
    List<String> letters = table.records().stream().map(SequenceRecord::sequence).toList();
    return HeldOut.of(table, letters, false, SplitPolicy.parse(policy, 1));
  }

  /** Every sequence of three times. */
  private static String fasta(int distinct) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3 * distinct; i++) {
      String number = Integer.toString(i % distinct, 4);
      String letters = "0".repeat(6 - number.length()) + number;
      text.append('>').append(i).append('\n');
      letters.chars().forEach(c -> text.append("ACGU".charAt(c - '0')));
      text.append('\n');
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "random:0.5,0.25", "kfold:0/4"})
  void copiesAreTogetherAndSharesThoseOfDifferentSequences(String policy) throws IOException {
    SequenceTable table = table(fasta(40));

    List<Split> splits = divide(table, policy).splits();

    Map<String, Split> seen = new HashMap<>();
    for (int i = 0; i < splits.size(); i++) {
      Split before = seen.put(table.records().get(i).sequence(), splits.get(i));
      assertTrue(before == null || before == splits.get(i));
    }
    int expected = policy.equals("auto") ? 2 : 10;
    assertEquals(3 * expected, Collections.frequency(splits, Split.VALIDATION));
  }

  @Test
  void ofAColumnCopiesFollowTheOneThatIsHeldOutMost() throws IOException {
    SequenceTable table =
        table(
            "Sequence,Split\n"
                + "ACG,train\n"
                + "AAA,train\n"
                + "ACG,val\n"
                + "CCC,val\n"
                + "AAA,test\n"
                + "CCC,test\n"
                + "GGG,train");

    HeldOut division = divide(table, "auto");

    assertEquals(
        List.of(
            Split.VALIDATION,
            Split.TEST,
            Split.VALIDATION,
            Split.TEST,
            Split.TEST,
            Split.TEST,
            Split.TRAIN),
        division.splits());
    assertEquals(3, division.moved());
  }

  @Test
  void targetsAreNotLookedFor() throws IOException {
    SequenceTable table = table("Sequence,Value,target,Split\nACG,1,2,train\nAAA,x,,val");

    assertEquals(List.of(Split.TRAIN, Split.VALIDATION), divide(table, "column").splits());
  }

  @Test
  void whatASplitNeedsIsSaid() throws IOException {
    SequenceTable table = table(fasta(8));
    List<String> letters = IntStream.range(0, 24).mapToObj(i -> "MA").toList();

    assertTrue(
        assertThrows(CodonfuseException.class, () -> divide(table, "column"))
            .getMessage()
            .contains("give a CSV file that has one with --labels"));
    assertTrue(
        assertThrows(UsageException.class, () -> divide(table, "stratified:0.7,0.15"))
            .getMessage()
            .contains("by targets"));
    assertTrue(
        assertThrows(
                UsageException.class,
                () -> HeldOut.of(table, letters, true, SplitPolicy.parse("cluster:0.7,0.15", 1)))
            .getMessage()
            .contains("proteins cannot be divided"));
  }
}

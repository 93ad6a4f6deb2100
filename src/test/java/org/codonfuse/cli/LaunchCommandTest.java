package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.IndexEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes do one command. */
class LaunchCommandTest {
  private static final int SEQUENCES = 30;

  @TempDir private Path folder;
  private RunCommandsFixture fixture;
  private ChildMain child;

  @BeforeEach
  void write() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    child = new ChildMain(folder);
    Random random = new Random(1);
    Files.writeString(
        folder.resolve("many.fasta"),
        IntStream.range(0, SEQUENCES)
            .mapToObj(
                i ->
                    ">s%d\nAUG%s\n"
                        .formatted(
                            i,
                            random
                                .ints(3L * (1 + random.nextInt(9)), 0, 4)
                                .mapToObj(letter -> "ACGU".substring(letter, letter + 1))
                                .collect(Collectors.joining())))
            .collect(Collectors.joining()));
  }

  private List<String> embed(String store) {
    return List.of(
        "embed",
        "--backend=vector",
        "--model",
        folder + "/rna",
        "--pool=codon",
        "--shard=none",
        "--input",
        folder + "/many.fasta",
        "--output",
        folder.resolve(store).toString());
  }

  private Map<String, byte[]> rows(String store) {
    Map<String, byte[]> rows = new HashMap<>();
    try (EmbeddingStore open = EmbeddingStore.open(folder.resolve(store))) {
      for (IndexEntry entry : open.entries()) {
        rows.put(
            entry.id() + " " + entry.sha256(), open.rows(entry).toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return rows;
  }

  @Test
  void fourProcessesEmbedWhatOneDoes() throws IOException, InterruptedException {
    assertEquals(0, fixture.call(embed("one").toArray(String[]::new)).code());

    Said said = child.launch(4, embed("four"));

    assertEquals(0, said.code(), said.err());
    assertTrue(said.out().contains("four: " + SEQUENCES + " sequences"), said.out());
    assertEquals(2, said.out().lines().count(), said.out());
    // What starts the others says it, and they do not.
    assertEquals(
        1, said.err().lines().filter(line -> line.contains("incubator")).count(), said.err());
    Map<String, byte[]> one = rows("one");
    Map<String, byte[]> four = rows("four");
    assertEquals(one.keySet(), four.keySet());
    one.forEach((id, row) -> assertArrayEquals(row, four.get(id), id));
    assertFalse(Files.exists(folder.resolve("four.shard-1-of-4")));
    assertFalse(Files.exists(folder.resolve("four.shard-4-of-4")));

    Said again = fixture.call(embed("four").toArray(String[]::new));
    assertTrue(again.out().contains("Everything was there."), again.out());
  }

  @Test
  void whatAllDoWrongIsSaidOnce() throws IOException, InterruptedException {
    List<String> oneGpu = new ArrayList<>(embed("wrong"));
    oneGpu.add("--device=cuda:0");
    Said device = child.launch(2, oneGpu);
    assertEquals(2, device.code(), device.err());
    assertTrue(
        device.err().contains("--device cuda:0 is one device and this node has 2 processes"),
        device.err());
    assertEquals(
        1, device.err().lines().filter(line -> line.contains("codonfuse: ")).count(), device.err());
  }

  /** The other half of a file system is full, or not mounted. */
  @Test
  void aRankThatFailsIsNamedAndTheOthersAreGoneOnWith() throws IOException, InterruptedException {
    Path inTheWay = Files.createFile(folder.resolve("half.shard-2-of-2"));

    Said said = child.launch(2, embed("half"));

    assertEquals(1, said.code(), said.err());
    assertTrue(said.err().contains("[1] codonfuse: " + inTheWay), said.err());
    assertTrue(
        said.err().contains("codonfuse: Rank 1 (process ")
            && said.err().contains("; the same command goes on."),
        said.err());
    assertFalse(Files.exists(folder.resolve("half")));
    Files.delete(inTheWay);
    Said again = child.launch(2, embed("half"));
    assertEquals(0, again.code(), again.err());
    assertEquals(SEQUENCES, rows("half").size());
  }

  @Test
  void aLaunchedRankEndsWithItsParent() throws IOException, InterruptedException {
    Process rank =
        child.start(
            Map.of(
                "RANK",
                "0",
                "WORLD_SIZE",
                "2",
                "LOCAL_RANK",
                "0",
                "LOCAL_WORLD_SIZE",
                "2",
                "MASTER_ADDR",
                "127.0.0.1",
                "MASTER_PORT",
                "29999",
                Processes.LAUNCHED,
                "1"),
            embed("none"));
    rank.getOutputStream().close();
    assertEquals(1, child.end(rank).code());
  }

  private static Said with(Map<String, String> environment, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Main.execute(environment, new PrintStream(out), new PrintStream(err), args);
    return new Said(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void otherCommandsAreDoneByOneProcess() {
    Map<String, String> two =
        Map.of(
            "RANK", "0",
            "WORLD_SIZE", "2",
            "LOCAL_RANK", "0",
            "LOCAL_WORLD_SIZE", "2",
            "MASTER_ADDR", "127.0.0.1",
            "MASTER_PORT", "29500");
    Said said = with(two, "models", "list");
    assertEquals(2, said.code());
    assertTrue(
        said.err().contains("'codonfuse models list' is done by one process; start it without"),
        said.err());
    assertEquals(0, with(two, "models", "list", "--help").code());
    Map<String, String> second = new HashMap<>(two);
    second.put("RANK", "1");
    assertTrue(with(second, "models", "list").err().contains("is done by one process"));
    assertTrue(with(two, "embed", "--bogus").err().contains("'--bogus'"));
    assertTrue(with(second, "embed", "--bogus").err().contains("'--bogus'"));
  }

  @Test
  void contradictoryVariablesAreOneSentence() {
    Said said = with(Map.of("RANK", "5", "WORLD_SIZE", "4"), embed("x").toArray(String[]::new));
    assertEquals(1, said.code());
    assertEquals("codonfuse: RANK=5 is not from 0 to 3, as WORLD_SIZE=4 demands.\n", said.err());
  }
}

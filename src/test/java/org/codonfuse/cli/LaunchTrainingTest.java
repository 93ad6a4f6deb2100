package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.training.TrainingCheckpoint;
import org.codonfuse.training.run.RunDirectory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes train one model. */
class LaunchTrainingTest {
  private static final int SECONDS = 120;

  @TempDir private Path folder;
  private RunCommandsFixture fixture;
  private ChildMain child;

  @BeforeAll
  static void needsLibTorch() {
    TestBackends.openTrainable().close();
  }

  @BeforeEach
  void create() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    child = new ChildMain(folder, ChildMain.QUICK);
  }

  /** Losses of all epochs, training and validation in turn. */
  private double[] losses(String run) throws IOException {
    return Files.readAllLines(folder.resolve("out").resolve(run).resolve(RunDirectory.HISTORY))
        .stream()
        .skip(1)
        .map(line -> line.split(","))
        .flatMap(cells -> Stream.of(cells[2], cells[3]))
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  @Test
  void twoProcessesFineTuneAsOneDoes() throws IOException, InterruptedException {
    String[] options = {
      "--fusion=mil",
      "--protein=@protein",
      "--model-dim=8",
      "--gate-dim=4",
      "--batch=6",
      "--epochs=8",
      "--patience=8",
      "--threads=1",
      "--backend=torch",
      "--encoder-learning-rate=1e-2"
    };

    Said alone = fixture.finetune(with(options, "--micro-batch=3", "--output=@out/one"));
    assertEquals(0, alone.code(), alone.err());
    Said two = child.launch(2, fixture.command("finetune", with(options, "--output=@out/two")));

    assertEquals(0, two.code(), two.err());
    assertArrayEquals(losses("one"), losses("two"), 1e-5);
    assertEquals(1, two.out().lines().filter(line -> line.contains("best epoch")).count());
    assertFalse(two.err().contains("[1] "), two.err());
  }

  @Test
  void whatStopsOneStopsAllAndGoesOnTogether() throws IOException, InterruptedException {
    String[] options = {"--epochs=60", "--patience=60", "--batch=4", "--threads=1"};
    List<String> whole = fixture.command("train", with(options, "--output=@out/whole"));
    List<String> resumed =
        fixture.command("train", with(options, "--checkpoint-every=0", "--resume"));
    assertEquals(0, child.launch(2, whole).code());

    Process asked = child.launching(2, resumed);
    awaitCheckpoint(asked, 1);
    asked.toHandle().destroy();
    Said stopped = child.end(asked);
    assertEquals(StopSignals.EXIT_CODE, stopped.code(), stopped.err());
    assertEquals(
        1, stopped.err().split("Stopped as asked, in epoch ", -1).length - 1, stopped.err());
    assertTrue(stopped.err().contains("--resume goes on from there"), stopped.err());

    Process killed = child.launching(2, resumed);
    awaitCheckpoint(killed, epochs() + 2);
    ProcessHandle second = killed.children().toList().getLast();
    second.destroyForcibly();
    Said named = child.end(killed);
    assertEquals(137, named.code(), named.err());
    assertTrue(
        named.err().contains(" (process " + second.pid() + " on ")
            && named.err().contains("; the same command with --resume goes on"),
        named.err());

    Said finished = child.launch(2, resumed);
    assertEquals(0, finished.code(), finished.err());
    for (String file : List.of(RunDirectory.METRICS, RunDirectory.PREDICTIONS)) {
      assertEquals(
          Files.readString(folder.resolve("out/whole").resolve(file)),
          Files.readString(folder.resolve("out/run").resolve(file)));
    }
  }

  /** What processes say that do one command each, as under srun. */
  private List<Said> apart(List<List<String>> commands) throws IOException, InterruptedException {
    Map<String, String> place =
        Map.of(
            "WORLD_SIZE", "2",
            "LOCAL_WORLD_SIZE", "2",
            "MASTER_ADDR", "127.0.0.1",
            "MASTER_PORT", Integer.toString(freePort()));
    List<Process> ranks = new ArrayList<>();
    List<ChildMain> children = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      Path words = Files.createDirectory(folder.resolve("rank" + rank));
      ChildMain ofRank = new ChildMain(words, ChildMain.QUICK);
      Map<String, String> environment = new HashMap<>(place);
      environment.put("RANK", Integer.toString(rank));
      environment.put("LOCAL_RANK", Integer.toString(rank));
      children.add(ofRank);
      ranks.add(ofRank.start(environment, commands.get(rank)));
    }
    List<Said> said = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      said.add(children.get(rank).end(ranks.get(rank)));
    }
    return said;
  }

  @Test
  void otherSettingsOfARankAreNamed() throws IOException, InterruptedException {
    List<Said> said =
        apart(
            List.of(
                fixture.command("train", "--threads=1", "--learning-rate=1e-3"),
                fixture.command("train", "--threads=1", "--learning-rate=2e-3")));

    Said first = said.getFirst();
    assertEquals(1, first.code(), first.err());
    assertTrue(
        first
            .err()
            .contains(
                "different trainings (training.learning_rate 0.001 in rank 0, 0.002 in rank 1)"),
        first.err());
    assertEquals(1, said.getLast().code());
    assertFalse(Files.exists(folder.resolve("out/.run.part")));
  }

  @Test
  void whatTheFirstFindsWrongIsNotAdvisedAgain() throws IOException, InterruptedException {
    Path output = Files.createDirectories(folder.resolve("out/run"));
    Files.createFile(output.resolve("mine.txt"));
    String wrong = output + ": exists and is not a run; choose another --output directory; see";
    List<String> command = fixture.command("train", "--threads=1");

    List<Said> said = apart(List.of(command, command));
    assertEquals(2, said.getFirst().code(), said.getFirst().err());
    assertTrue(said.getFirst().err().contains("codonfuse: " + wrong), said.getFirst().err());
    String other = said.getLast().err();
    assertEquals(1, said.getLast().code(), other);
    assertTrue(other.contains("codonfuse: Rank 0 (process "), other);
    assertTrue(other.contains(") has a wrong command line: " + wrong), other);
    assertFalse(other.contains("--resume"), other);

    Said launched = child.launch(2, command);
    assertEquals(2, launched.code(), launched.err());
    assertEquals(1, launched.err().split("codonfuse: ", -1).length - 1, launched.err());
    assertTrue(launched.err().contains("codonfuse: " + wrong), launched.err());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private int epochs() throws IOException {
    Path part = folder.resolve("out/.run.part");
    return TrainingCheckpoint.isIn(part)
        ? new ObjectMapper()
            .readTree(part.resolve(TrainingCheckpoint.FILE).toFile())
            .at("/state/history")
            .size()
        : -1;
  }

  private void awaitCheckpoint(Process process, int epochs)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (epochs() < epochs && process.isAlive() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertTrue(process.isAlive(), () -> "ended before it was asked to");
  }

  private static String[] with(String[] options, String... more) {
    return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
  }
}

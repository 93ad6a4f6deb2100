package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.training.TrainingCheckpoint;
import org.codonfuse.training.run.RunDirectory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --resume} after {@code kill -9}, by processes of their own. */
class ResumeCommandTest {
  private static final int SECONDS = 120;
  private static final String EPOCHS = "--epochs=60";

  @TempDir private Path folder;

  @BeforeAll
  static void needsLibTorch() {
    TestBackends.openTrainable().close();
  }

  /**
   * Starts a training and kills it after a checkpoint.
   *
   * @param epochs that must have ended by then
   */
  private void killedTraining(List<String> options, int epochs)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(options);
    Path log = folder.resolve("log.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      Path part = folder.resolve("out/.run.part");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      while (epochsOf(part) < epochs && process.isAlive() && System.nanoTime() < end) {
        Thread.sleep(5);
      }
      assertTrue(epochsOf(part) >= epochs, () -> "no such checkpoint: " + read(log));
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Epochs that had ended at the checkpoint, -1 where there is none. */
  private static int epochsOf(Path run) throws IOException {
    return TrainingCheckpoint.isIn(run)
        ? new ObjectMapper()
            .readTree(run.resolve(TrainingCheckpoint.FILE).toFile())
            .at("/state/history")
            .size()
        : -1;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void aKilledTrainingGoesOnToTheSameMetrics() throws IOException, InterruptedException {
    RunCommandsFixture fixture = RunCommandsFixture.create(folder);
    String[] options = {EPOCHS, "--patience=60", "--threads=1", "--checkpoint-every=0"};
    Said whole = fixture.train(with(options, "--output=@out/whole"));
    assertEquals(0, whole.code(), whole.err());
    killedTraining(fixture.command("train", options), 0);

    Path checkpoint = folder.resolve("out/.run.part").resolve(TrainingCheckpoint.FILE);
    String before = Files.readString(checkpoint);
    Said neither = fixture.train(options);
    assertEquals(2, neither.code());
    assertTrue(neither.err().contains("go on with --resume, or begin again with --overwrite"));
    Said both = fixture.train(with(options, "--resume", "--overwrite"));
    assertEquals(2, both.code());
    Said other = fixture.train(with(options, "--resume", "--learning-rate=1e-3"));
    assertEquals(1, other.code());
    assertTrue(other.err().contains("training.learning_rate 0.01 then, 0.001 now"), other.err());
    assertEquals(before, Files.readString(checkpoint));

    Said resumed = fixture.train(with(options, "--resume"));

    assertEquals(0, resumed.code(), resumed.err());
    for (String file :
        List.of(RunDirectory.METRICS, RunDirectory.PREDICTIONS, RunDirectory.CONFIG)) {
      assertEquals(
          Files.readString(folder.resolve("out/whole").resolve(file)),
          Files.readString(folder.resolve("out/run").resolve(file)),
          file);
    }
    assertEquals(
        -1,
        Files.mismatch(
            folder.resolve("out/whole").resolve(RunDirectory.MODEL),
            folder.resolve("out/run").resolve(RunDirectory.MODEL)));
    assertFalse(Files.exists(folder.resolve("out/.run.part")));

    Said again = fixture.train(with(options, "--resume"));
    assertEquals(0, again.code(), again.err());
    assertTrue(again.out().contains("is finished"), again.out());
  }

  /** Encoders that have begun to learn, after the epoch of the head alone. */
  @Test
  void aKilledFineTuningGoesOnToTheSameAdapters() throws IOException, InterruptedException {
    RunCommandsFixture fixture = RunCommandsFixture.create(folder);
    String[] settings = {
      "--protein=@protein",
      "--head-epochs=1",
      "--encoder-learning-rate=1e-2",
      "--epochs=30",
      "--patience=30",
      "--threads=1",
      "--checkpoint-every=0"
    };
    String[] options = with(settings, "--fusion=concat");
    Said whole = fixture.finetune(with(options, "--output=@out/whole"));
    assertEquals(0, whole.code(), whole.err());
    killedTraining(fixture.command("finetune", options), 2);

    Said rank = fixture.finetune(with(options, "--resume", "--lora-rank=2"));
    assertEquals(1, rank.code());
    assertTrue(rank.err().contains("fine_tuning.rank 8 then, 2 now"), rank.err());
    Said fusion = fixture.finetune(with(settings, "--fusion=mil", "--resume"));
    assertEquals(1, fusion.code());
    assertTrue(fusion.err().contains("fusion.name concat then, mil now"), fusion.err());
    Said frozen = fixture.train("--fusion=concat", "--protein=@protein", "--epochs=30", "--resume");
    assertEquals(1, frozen.code());
    assertTrue(frozen.err().contains("fine_tuning.method LORA then, NONE now"), frozen.err());

    Said resumed = fixture.finetune(with(options, "--resume"));

    assertEquals(0, resumed.code(), resumed.err());
    List<String> files =
        new ArrayList<>(
            List.of(
                RunDirectory.METRICS,
                RunDirectory.PREDICTIONS,
                RunDirectory.CONFIG,
                RunDirectory.MODEL));
    for (String stream : List.of("rna", "protein")) {
      files.add("adapters/" + stream + "/adapter_config.json");
      files.add("adapters/" + stream + "/adapter_model.safetensors");
    }
    for (String file : files) {
      assertEquals(
          -1,
          Files.mismatch(
              folder.resolve("out/whole").resolve(file), folder.resolve("out/run").resolve(file)),
          file);
    }
  }

  @Test
  void resumeBeginsWhereThereIsNothing() throws IOException {
    RunCommandsFixture fixture = RunCommandsFixture.create(folder);
    Said said = fixture.train("--resume");
    assertEquals(0, said.code(), said.err());
    assertTrue(RunDirectory.isFinished(folder.resolve("out/run")));
  }

  private static String[] with(String[] options, String... more) {
    return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
  }
}

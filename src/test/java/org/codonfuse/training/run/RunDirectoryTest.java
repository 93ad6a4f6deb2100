package org.codonfuse.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.training.TrainingCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunDirectoryTest {
  private static final List<String> FILES =
      List.of(
          RunDirectory.CONFIG,
          RunDirectory.MODEL,
          RunDirectory.HISTORY,
          RunDirectory.METRICS,
          RunDirectory.PREDICTIONS);

  @TempDir private Path folder;

  private static void fill(RunDirectory run, String content) throws IOException {
    for (String name : FILES) {
      Files.writeString(run.file(name), content);
    }
  }

  private Path finished(String content) throws IOException {
    Path target = folder.resolve("run");
    try (RunDirectory run = RunDirectory.create(target, true)) {
      fill(run, content);
      run.finish();
    }
    return target;
  }

  private List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void appearsUnderItsNameWhenFinished() throws IOException {
    Path target = folder.resolve("a/b/run");
    try (RunDirectory run = RunDirectory.create(target, false)) {
      fill(run, "x");
      assertFalse(Files.exists(target));
      run.finish();
    }

    assertEquals(FILES.stream().sorted().toList(), names(target));
    assertEquals(List.of("run"), names(target.getParent()));
    assertTrue(Files.isExecutable(target));
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "new/parents/run"})
  void leavesNothingWhenNotFinished(String name) throws IOException {
    try (RunDirectory run = RunDirectory.create(folder.resolve(name), false)) {
      fill(run, "x");
    }

    assertEquals(List.of(), names(folder));
  }

  @Test
  void leavesTheParentsThatOthersUse() throws IOException {
    try (RunDirectory _ = RunDirectory.create(folder.resolve("parent/run"), false)) {
      Files.writeString(folder.resolve("parent/other"), "");
    }

    assertEquals(List.of("other"), names(folder.resolve("parent")));
  }

  @Test
  void closingTwiceIsHarmless() throws IOException {
    RunDirectory run = RunDirectory.create(folder.resolve("run"), false);
    run.close();
    run.close();

    assertEquals(List.of(), names(folder));
  }

  @Test
  void keepsAnExistingRun() throws IOException {
    Path target = finished("old");

    UsageException failure =
        assertThrows(UsageException.class, () -> RunDirectory.create(target, false));

    assertEquals(
        target + ": a run exists there; choose another --output or add --overwrite.",
        failure.getMessage());
    assertEquals("old", Files.readString(target.resolve(RunDirectory.CONFIG)));
  }

  @Test
  void keepsWhatSomebodyPutBesideTheFilesOfARun() throws IOException {
    Path target = finished("old");
    Files.writeString(target.resolve("notes.txt"), "precious");

    UsageException failure =
        assertThrows(UsageException.class, () -> RunDirectory.create(target, true));

    assertTrue(failure.getMessage().startsWith(target + ": holds other files"));
    assertEquals("precious", Files.readString(target.resolve("notes.txt")));
  }

  @Test
  void putsNoRunInsideAnother() throws IOException {
    Path target = finished("old").resolve("sub/run");

    UsageException failure =
        assertThrows(UsageException.class, () -> RunDirectory.create(target, false));

    assertTrue(failure.getMessage().startsWith(target + ": lies inside the run"));
  }

  @Test
  void oneKindOfTrainingDoesNotReplaceAnother() throws IOException {
    Path run = finished("old");
    Path encoder = folder.resolve("encoder");
    try (RunDirectory directory =
        RunDirectory.create(encoder, DirectoryKind.ENCODER, RunDirectory.Existing.REPLACE)) {
      for (String name :
          List.of(
              RunDirectory.CONFIG,
              RunDirectory.MODEL,
              RunDirectory.VOCABULARY,
              RunDirectory.HISTORY,
              RunDirectory.METRICS,
              RunDirectory.PRETRAINING)) {
        Files.writeString(directory.file(name), "x");
      }
      directory.finish();
    }

    assertTrue(RunDirectory.isFinished(encoder, DirectoryKind.ENCODER));
    assertFalse(RunDirectory.isFinished(encoder));
    assertEquals(
        encoder + ": exists and is not a run; choose another --output directory.",
        assertThrows(UsageException.class, () -> RunDirectory.create(encoder, true)).getMessage());
    assertEquals(
        run + ": exists and is not a pretrained encoder; choose another --output directory.",
        assertThrows(
                UsageException.class,
                () ->
                    RunDirectory.create(run, DirectoryKind.ENCODER, RunDirectory.Existing.REPLACE))
            .getMessage());
  }

  @Test
  void replacesTheRunThatALinkNames() throws IOException {
    Path target = finished("old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), target);
    try (RunDirectory run = RunDirectory.create(link, true)) {
      fill(run, "new");
      run.finish();
    }

    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(target.resolve(RunDirectory.CONFIG)));
  }

  @Test
  void replacesAnExistingRunWhenFinished() throws IOException {
    Path target = finished("old");
    try (RunDirectory run = RunDirectory.create(target, true)) {
      fill(run, "new");
      assertEquals("old", Files.readString(target.resolve(RunDirectory.CONFIG)));
      run.finish();
    }

    assertEquals("new", Files.readString(target.resolve(RunDirectory.CONFIG)));
    assertEquals(FILES.stream().sorted().toList(), names(target));
    assertEquals(List.of("run"), names(folder));
  }

  @Test
  void aRunWithWhatAKilledProcessLeftInItIsARun() throws IOException {
    Path target = finished("old");
    Files.createDirectory(target.resolve(RunDirectory.EXPLANATION));
    Files.createDirectory(target.resolve(".explanation.0123.part"));
    Files.createDirectory(target.resolve(".explanation.4567.old"));
    Files.writeString(target.resolve(".report.html.89ab.part"), "<!doctype");
    try (RunDirectory run = RunDirectory.create(target, true)) {
      fill(run, "new");
      run.finish();
    }

    assertEquals(FILES.stream().sorted().toList(), names(target));
  }

  @Test
  void aFailedReplacementKeepsTheOldRun() throws IOException {
    Path target = finished("old");
    try (RunDirectory run = RunDirectory.create(target, true)) {
      fill(run, "new");
    }

    assertEquals("old", Files.readString(target.resolve(RunDirectory.CONFIG)));
    assertEquals(List.of("run"), names(folder));
  }

  @Test
  void acceptsAnEmptyDirectory() throws IOException {
    Path target = Files.createDirectory(folder.resolve("run"));
    try (RunDirectory run = RunDirectory.create(target, false)) {
      fill(run, "x");
      run.finish();
    }

    assertEquals(List.of("run"), names(folder));
    assertEquals(5, names(target).size());
  }

  /** A model directory of an encoder has a config.json and a model.safetensors too. */
  @ParameterizedTest
  @ValueSource(strings = {"thesis.txt", "config.json model.safetensors vocab.txt"})
  void neverReplacesWhatIsNoRun(String files) throws IOException {
    Path target = Files.createDirectory(folder.resolve("other"));
    for (String name : files.split(" ")) {
      Files.writeString(target.resolve(name), "precious");
    }

    for (boolean overwrite : new boolean[] {false, true}) {
      UsageException failure =
          assertThrows(UsageException.class, () -> RunDirectory.create(target, overwrite));
      assertEquals(
          target + ": exists and is not a run; choose another --output directory.",
          failure.getMessage());
    }
    assertEquals(List.of(files.split(" ")), names(target));
  }

  @Test
  void keepsTheFinishedRunWhereSomethingElseAppearedInItsPlace() throws IOException {
    for (boolean overwrite : new boolean[] {false, true}) {
      Path place = Files.createDirectory(folder.resolve("overwrite-" + overwrite));
      Path target = place.resolve("run");
      try (RunDirectory run = RunDirectory.create(target, overwrite)) {
        fill(run, "new");
        Files.createDirectories(target);
        Files.writeString(target.resolve("precious"), "");
        CodonfuseException failure = assertThrows(CodonfuseException.class, run::finish);
        assertTrue(failure.getMessage().startsWith(target + ": cannot be written (a file is"));
        assertTrue(failure.getMessage().contains("the finished run lies in " + place));
      }
      assertEquals(List.of("precious"), names(target));
      List<String> left = names(place);
      assertEquals(2, left.size(), left.toString());
      Path kept = place.resolve(left.getFirst().equals("run") ? left.get(1) : left.getFirst());
      assertEquals(FILES.stream().sorted().toList(), names(kept));
    }
  }

  private Path interrupted(String name) throws IOException {
    Path target = folder.resolve(name);
    try (RunDirectory run = RunDirectory.create(target, false)) {
      fill(run, "half");
      Files.writeString(run.checkpoint().resolve(TrainingCheckpoint.FILE), "step 7");
    }
    return target;
  }

  @Test
  void keepsACheckpointAndNothingElse() throws IOException {
    Path target = interrupted("run");

    assertEquals(List.of(".run.part"), names(folder));
    assertEquals(List.of(TrainingCheckpoint.FILE, "lock"), names(folder.resolve(".run.part")));
    UsageException failure =
        assertThrows(UsageException.class, () -> RunDirectory.create(target, false));
    assertEquals(
        target
            + ": its training was interrupted; go on with --resume, or begin again with"
            + " --overwrite.",
        failure.getMessage());
  }

  @Test
  void goesOnWithACheckpoint() throws IOException {
    Path target = interrupted("run");
    try (RunDirectory run = RunDirectory.create(target, RunDirectory.Existing.RESUME)) {
      assertEquals("step 7", Files.readString(run.checkpoint().resolve(TrainingCheckpoint.FILE)));
      assertFalse(Files.exists(run.file(RunDirectory.CONFIG)));
      fill(run, "whole");
      run.finish();
    }

    assertEquals(List.of("run"), names(folder));
    assertEquals(FILES.stream().sorted().toList(), names(target));
    assertTrue(RunDirectory.isFinished(target));
  }

  @Test
  void beginsAgainWithoutTheCheckpoint() throws IOException {
    Path target = interrupted("run");
    try (RunDirectory run = RunDirectory.create(target, true)) {
      assertFalse(TrainingCheckpoint.isIn(run.checkpoint()));
    }

    assertEquals(List.of(), names(folder));
    assertFalse(RunDirectory.isFinished(target));
  }

  @Test
  void resumesWhereThereIsNothingYet() throws IOException {
    Path target = folder.resolve("new/run");
    try (RunDirectory run = RunDirectory.create(target, RunDirectory.Existing.RESUME)) {
      fill(run, "x");
      run.finish();
    }

    assertEquals(FILES.stream().sorted().toList(), names(target));
  }

  @Test
  void oneAtATime() throws IOException {
    Path target = folder.resolve("run");
    try (RunDirectory _ = RunDirectory.create(target, false)) {
      for (RunDirectory.Existing existing : RunDirectory.Existing.values()) {
        CodonfuseException failure =
            assertThrows(CodonfuseException.class, () -> RunDirectory.create(target, existing));
        assertTrue(
            failure.getMessage().startsWith(target + ": another process is training there"),
            failure.getMessage());
      }
    }
    RunDirectory.create(target, false).close();
  }

  /** What a process leaves that is killed before its first checkpoint. */
  @Test
  void takesOverWhatADeadProcessLeft() throws IOException {
    Path target = folder.resolve("run");
    Path part = Files.createDirectories(folder.resolve(".run.part/files"));
    Files.writeString(part.resolve(RunDirectory.CONFIG), "half");
    Files.writeString(folder.resolve(".run.part/lock"), "");
    Files.writeString(folder.resolve(".run.part/state-1.safetensors"), "half");
    try (RunDirectory run = RunDirectory.create(target, false)) {
      assertEquals(List.of("files", "lock"), names(run.checkpoint()));
      assertFalse(Files.exists(run.file(RunDirectory.CONFIG)));
    }

    assertEquals(List.of(), names(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"file/run", "file/deep/run", "file"})
  void refusesAPlaceThatCannotBeADirectory(String name) throws IOException {
    Files.writeString(folder.resolve("file"), "content");
    Path target = folder.resolve(name);

    CodonfuseException failure =
        assertThrows(CodonfuseException.class, () -> RunDirectory.create(target, true));

    assertTrue(failure.getMessage().startsWith(target + ": "), failure.getMessage());
    assertTrue(failure.getMessage().contains("choose another --output"), failure.getMessage());
    assertEquals(List.of("file"), names(folder));
  }
}

package org.codonfuse.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.LockFile;
import org.codonfuse.training.CheckpointException;
import org.codonfuse.training.TrainingCheckpoint;
import org.codonfuse.training.run.RunDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentTest {
  @TempDir Path folder;
  private ExperimentDirectory directory;
  private List<Cell> cells;
  private final List<String> ran = new ArrayList<>();
  private final List<String> failed = new ArrayList<>();

  private final Experiment.Observer observer =
      new Experiment.Observer() {
        @Override
        public void started(Cell cell, int number, int of) {}

        @Override
        public void finished(Cell cell, double seconds) {
          ran.add(cell.id());
        }

        @Override
        public void failed(Cell cell, String reason) {
          failed.add(cell.id() + ": " + reason);
        }
      };

  @BeforeEach
  void begin() {
    ExperimentPlan plan = Plans.read(folder, Plans.SMALL);
    directory = ExperimentDirectory.open(folder.resolve("out"), plan, false);
    cells = Cell.of(plan);
  }

  private static void write(RunDirectory output) {
    AtomicFiles.writeString(output.file(RunDirectory.METRICS), "{}");
  }

  private Experiment.Outcome run(CellRunner runner) {
    return new Experiment(directory, runner).run(cells, observer);
  }

  @Test
  void everyCellIsDoneOnce() {
    List<String> expected =
        List.of(
            "set-a/length-gc/seed-7",
            "set-a/rna/seed-7",
            "set-a/rna/seed-8",
            "set-a/mil/seed-7/lambda-0",
            "set-a/mil/seed-7/lambda-0.5",
            "set-a/mil/seed-8/lambda-0",
            "set-a/mil/seed-8/lambda-0.5");

    Experiment.Outcome first = run((_, output) -> write(output));
    Experiment.Outcome second = run((_, output) -> write(output));

    assertEquals(expected, ran);
    assertEquals(new Experiment.Outcome(7, List.of(), 0), first);
    assertEquals(new Experiment.Outcome(0, List.of(), 0), second);
    assertEquals(7, Journal.seconds(directory.journals()).size());
  }

  @Test
  void aFailedCellStopsNoOther() {
    Experiment.Outcome outcome =
        run(
            (cell, output) -> {
              write(output);
              if (cell.seed() == 8) {
                throw new CodonfuseException("no luck.");
              }
            });

    assertEquals(4, outcome.done());
    assertEquals("set-a/rna/seed-8: no luck.", failed.getFirst());
    assertFalse(directory.isDone(cells.get(2)));
    assertEquals(3, run((_, output) -> write(output)).done());
  }

  /** What no cell is to blame for ends all; the same command goes on. */
  @Test
  void anErrorLeavesAStateToGoOnFrom() throws IOException {
    assertThrows(
        IllegalStateException.class,
        () ->
            run(
                (cell, output) -> {
                  write(output);
                  if (cell.equals(cells.get(3))) {
                    throw new IllegalStateException();
                  }
                }));

    assertEquals(3, ran.size());
    assertEquals(4, run((_, output) -> write(output)).done());
    try (Stream<Path> files = Files.walk(directory.path())) {
      assertTrue(files.noneMatch(path -> path.toString().contains(".part")));
    }
  }

  @Test
  void whatAKilledProcessLeftIsNoResult() throws IOException {
    Path left = directory.run(cells.get(1)).resolveSibling(".seed-7.part");
    Files.createDirectories(left.resolve("files"));
    Files.writeString(left.resolve("files/metrics.json"), "half");
    Files.writeString(
        directory.journals().resolve("0.jsonl"),
        "{\"cell\":\"x\",\"event\":\"finished\",\"seconds\":2}\n{\"cell\":\"y\",\"ev",
        StandardOpenOption.CREATE);

    run((_, output) -> write(output));

    assertFalse(Files.exists(left));
    assertEquals("{}", Files.readString(directory.run(cells.get(1)).resolve("metrics.json")));
    assertEquals(8, Journal.seconds(directory.journals()).size());
  }

  /** No option of the command would remove it. */
  @Test
  void aCheckpointThatIsOfNoUseIsLeft() throws IOException {
    Cell cell = cells.get(1);
    Path left = directory.run(cell).resolveSibling(".seed-7.part");
    Files.createDirectories(left);
    Files.writeString(left.resolve("checkpoint.json"), "half");

    Experiment.Outcome outcome =
        run(
            (_, output) -> {
              if (TrainingCheckpoint.isIn(output.checkpoint())) {
                throw new CheckpointException("is damaged.", null);
              }
              write(output);
            });

    assertEquals(List.of(), failed);
    assertEquals(cells.size(), outcome.done());
    assertFalse(Files.exists(left));
    assertTrue(directory.isDone(cell));
  }

  @Test
  void aCellThatAnotherProcessDoesIsLeftToIt() {
    try (LockFile _ = directory.claim(cells.get(2)).orElseThrow()) {
      Experiment.Outcome outcome = run((_, output) -> write(output));

      assertEquals(new Experiment.Outcome(6, List.of(), 1), outcome);
    }
  }

  @Test
  void sharesAreAllTheCells() {
    List<Cell> shared = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      shared.addAll(Cell.share(cells, new Shard(i, 3)));
    }

    assertEquals(cells.size(), shared.size());
    assertTrue(shared.containsAll(cells));
    assertEquals(3, Cell.share(cells, new Shard(1, 3)).size());
  }

  @Test
  void foldsTakeThePlaceOfSeeds() {
    ExperimentPlan plan =
        Plans.read(folder, Plans.SMALL.replace("seeds: [7, 8]", "seeds: [7]\nfolds: 3"));

    List<String> ids = Cell.of(plan).stream().map(Cell::id).toList();

    assertEquals(3 + 3 + 6, ids.size());
    assertTrue(ids.contains("set-a/length-gc/fold-2"));
    assertTrue(ids.contains("set-a/mil/fold-0/lambda-0.5"));
  }
}

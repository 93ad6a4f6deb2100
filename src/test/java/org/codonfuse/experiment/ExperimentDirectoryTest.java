package org.codonfuse.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.codonfuse.UsageException;
import org.codonfuse.io.LockFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentDirectoryTest {
  @TempDir Path folder;
  private Path output;

  @BeforeEach
  void begin() {
    output = folder.resolve("out");
    ExperimentDirectory.open(output, Plans.read(folder, Plans.SMALL), false);
  }

  private UsageException refused(String yaml) {
    ExperimentPlan plan = Plans.read(folder, yaml);
    return assertThrows(UsageException.class, () -> ExperimentDirectory.open(output, plan, false));
  }

  @Test
  void aChangedPlanIsRefusedAndTheDifferenceShown() {
    assertEquals(
        output
            + ": was begun with another experiment: seeds[2] absent then, 9 now; choose"
            + " another --output, or --overwrite to remove its results.",
        refused(Plans.SMALL.replace("[7, 8]", "[7, 8, 9]")).getMessage());
    assertTrue(
        refused(Plans.SMALL.replace("0.5", "1"))
            .getMessage()
            .contains(": rows.mil.lambdas[1] 0.5 then, 1.0 now; "));
    assertTrue(
        refused(Plans.SMALL + "training: {epochs: 3}\n")
            .getMessage()
            .contains("rows.rna.training.epochs 500 then, 3 now; "));
    assertTrue(
        refused(Plans.SMALL.replace("length-gc", "codon-usage"))
            .getMessage()
            .contains(
                ": rows.codon-usage absent then, present now; rows.length-gc present then, absent"
                    + " now;"));
  }

  @Test
  void changedDataAreAnotherExperimentAndMovedOnesAreNot() throws IOException {
    Path moved = folder.resolve("moved.csv");
    Files.move(folder.resolve("data.csv"), moved);
    ExperimentPlan plan = Plans.read(folder, Plans.SMALL.replace("data.csv", "moved.csv"));

    ExperimentDirectory.open(output, plan, false);

    Files.writeString(moved, "AUGAUG,2\n", java.nio.file.StandardOpenOption.APPEND);
    assertTrue(
        refused(Plans.SMALL.replace("data.csv", "moved.csv"))
            .getMessage()
            .contains(": data.Set A.file "));
  }

  @Test
  void changedLabelsAreAnotherExperiment() throws IOException {
    Path labels = Files.writeString(folder.resolve("labels.csv"), "Id,Value\na,1\n");
    String yaml = Plans.SMALL.replace("file: data.csv", "file: data.csv, labels: labels.csv");
    Path other = folder.resolve("labelled");
    ExperimentDirectory.open(other, Plans.read(folder, yaml), false);

    Files.writeString(labels, "Id,Value\na,2\n");
    ExperimentPlan changed = Plans.read(folder, yaml);

    String message =
        assertThrows(UsageException.class, () -> ExperimentDirectory.open(other, changed, false))
            .getMessage();
    assertTrue(message.contains(": data.Set A.reading.labels "), message);
  }

  @Test
  void whatAnotherProcessBeginsAtTheSameTimeIsJoined() throws IOException {
    Files.delete(output.resolve("plan.json"));
    Files.writeString(output.resolve(".plan.json.0123.part"), "{");

    ExperimentDirectory.open(output, Plans.read(folder, Plans.SMALL), false);

    assertTrue(Files.exists(output.resolve("plan.json")));
  }

  @Test
  void whatIsLeftOfAnOverwritingThatWasKilledIsOverwritten() throws IOException {
    Files.createDirectories(output.resolve("runs/a/b"));
    Files.createDirectories(output.resolve(".removed/a"));
    ExperimentPlan other = Plans.read(folder, Plans.SMALL.replace("[7, 8]", "[9]"));

    ExperimentDirectory.open(output, other, true);

    assertFalse(Files.exists(output.resolve("runs")));
    assertFalse(Files.exists(output.resolve(".removed")));
  }

  @Test
  void titlesAndKeptModelsChangeNoResult() {
    String yaml = "name: Another\nkeep_models: false\n" + Plans.SMALL;

    ExperimentDirectory.open(output, Plans.read(folder, yaml), false);
  }

  @Test
  void overwritingRemovesTheOtherResults() throws IOException {
    Files.createDirectories(output.resolve("runs/set-a/rna/seed-7"));
    Files.writeString(output.resolve("mine.txt"), "x");
    ExperimentPlan other = Plans.read(folder, Plans.SMALL.replace("[7, 8]", "[9]"));

    ExperimentDirectory.open(output, other, true);

    assertFalse(Files.exists(output.resolve("runs")));
    assertTrue(Files.exists(output.resolve("mine.txt")));
  }

  @Test
  void whatSomebodyWorksOnIsNotOverwritten() {
    ExperimentPlan plan = Plans.read(folder, Plans.SMALL);
    ExperimentDirectory directory = ExperimentDirectory.open(output, plan, false);
    ExperimentPlan other = Plans.read(folder, Plans.SMALL.replace("[7, 8]", "[9]"));

    try (LockFile _ = directory.claim(Cell.of(plan).getFirst()).orElseThrow()) {
      UsageException failure =
          assertThrows(UsageException.class, () -> ExperimentDirectory.open(output, other, true));
      assertTrue(failure.getMessage().contains(": another process works on it; "));
    }
    ExperimentDirectory.open(output, other, true);
  }

  @Test
  void otherDirectoriesAreRefused() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.tex"), "x");
    ExperimentPlan plan = Plans.read(folder, Plans.SMALL);

    assertThrows(UsageException.class, () -> ExperimentDirectory.open(other, plan, true));
    Path data = folder.resolve("data.csv");
    assertEquals(
        data + ": is not a directory; choose another --output directory.",
        assertThrows(UsageException.class, () -> ExperimentDirectory.open(data, plan, true))
            .getMessage());

    assertTrue(Files.exists(other.resolve("thesis.tex")));
  }
}

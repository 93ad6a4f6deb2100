package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.codonfuse.datasets.PublicDataset;
import org.codonfuse.experiment.Cell;
import org.codonfuse.experiment.ExperimentPlan;
import org.codonfuse.experiment.PlanReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The experiments that come with the program. */
class ExperimentFilesTest {
  @TempDir Path folder;

  /** With the data that 'data download' brings and the presets of encoders. */
  @ParameterizedTest
  @CsvSource({"quick.yaml, 1, 10, 30", "table1.yaml, 4, 12, 232", "table4.yaml, 4, 6, 240"})
  void canBeRun(String file, int dataSets, int models, int trainings) throws IOException {
    List<Path> data = new ArrayList<>();
    for (PublicDataset dataset : PublicDataset.KNOWN) {
      data.add(
          Files.writeString(folder.resolve(dataset.name() + ".csv"), "Sequence,Value\nAUG,1\n"));
    }
    String text = Files.readString(Path.of("experiments", file));
    data.removeIf(path -> !text.contains("/" + path.getFileName()));

    ExperimentPlan plan =
        PlanReader.read(
            Path.of("experiments", file),
            new PlanReader.Overrides(data, List.of()),
            ExperimentCommand::requireModel);

    assertEquals(dataSets, plan.data().size());
    assertEquals(models, plan.rows().size());
    assertEquals(trainings, Cell.of(plan).size());
    assertTrue(plan.data().stream().allMatch(set -> set.published().isPresent()));
  }

  /** As they are called where they are published. */
  @Test
  void dataMayKeepItsName() throws IOException {
    Path moved =
        Files.writeString(folder.resolve("cov_vaccine_degradation.csv"), "Sequence,Value\nAUG,1\n");

    ExperimentPlan plan =
        PlanReader.read(
            Path.of("experiments/quick.yaml"),
            new PlanReader.Overrides(List.of(moved), List.of()),
            ExperimentCommand::requireModel);

    assertEquals(moved, plan.data().getFirst().file());
    assertTrue(plan.data().getFirst().published().isPresent());
  }
}

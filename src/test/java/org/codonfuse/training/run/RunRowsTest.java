package org.codonfuse.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRowsTest {
  @TempDir private Path run;

  private static final Outputs TWO =
      new Outputs(
          Task.REGRESSION,
          List.of(),
          List.of(
              new TargetConfig("a", TargetScale.IDENTITY),
              new TargetConfig("b", TargetScale.IDENTITY)));

  private static final Outputs CLASSES =
      new Outputs(
          Task.CLASSIFICATION,
          List.of("low", "high"),
          List.of(new TargetConfig("level", TargetScale.IDENTITY)));

  private RunRows read(Outputs outputs, String... lines) throws IOException {
    Files.write(run.resolve(RunDirectory.PREDICTIONS), List.of(lines));
    return RunRows.read(run, outputs).orElseThrow();
  }

  @Test
  void targetsMayBeSeveralAndMissing() throws IOException {
    RunRows rows =
        read(
            TWO,
            "id,split,target_a,prediction_a,target_b,prediction_b",
            "x,train,1,2,,4",
            "y,test,5,6,7,8");
    assertEquals(new RunRows.Row(Split.TRAIN, List.of(1.0, Double.NaN)), rows.byId().get("x"));
    assertEquals(new RunRows.Row(Split.TEST, List.of(5.0, 7.0)), rows.byId().get("y"));
    assertEquals(Set.of("x"), rows.training());
  }

  @Test
  void classesAreIndices() throws IOException {
    RunRows rows =
        read(
            CLASSES,
            "id,split,target,prediction,probability_low,probability_high",
            "x,validation,high,low,0.6,0.4");
    assertEquals(new RunRows.Row(Split.VALIDATION, List.of(1.0)), rows.byId().get("x"));
  }

  @Test
  void aDataSetGetsItsSplitsAndTargetsBack() throws IOException {
    RunRows rows =
        read(TWO, "id,split,target_a,prediction_a,target_b,prediction_b", "x,test,1,2,3,4");
    Path data = run.resolve("data.csv");
    Files.writeString(data, "id,sequence\nleft out,AUG\nx,AUGGCU\n");
    Dataset labelled =
        rows.label(
            Dataset.loadUnlabelled(
                data, ReadOptions.detect(), DatasetOptions.evaluation(Task.REGRESSION, List.of())));
    assertEquals(1, labelled.examples().size());
    Example example = labelled.examples().getFirst();
    assertEquals(List.of(1.0, 3.0), example.targets());
    assertEquals(Split.TEST, example.split());
    assertEquals("AUGGCU", example.sequence().rna());
  }

  @Test
  void damageIsSaid() throws IOException {
    assertEquals(Optional.empty(), RunRows.read(run, TWO));
    String header = "id,split,target_a,prediction_a,target_b,prediction_b";
    for (String line : List.of("x,sometimes,1,2,3,4", "x,test,much,2,3,4")) {
      CodonfuseException e = assertThrows(CodonfuseException.class, () -> read(TWO, header, line));
      assertTrue(
          e.getMessage().startsWith(run.resolve(RunDirectory.PREDICTIONS) + ":2: is damaged"),
          e.getMessage());
    }
    CodonfuseException e =
        assertThrows(CodonfuseException.class, () -> read(TWO, "id,split", "x,test"));
    assertTrue(e.getMessage().contains("has no column 'target_a'"), e.getMessage());
  }
}

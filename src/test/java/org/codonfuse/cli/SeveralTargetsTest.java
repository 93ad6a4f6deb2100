package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.training.run.TestRuns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One model of two numbers, of which one or the other is missing here and there. */
@RequiresTorch
class SeveralTargetsTest {
  @TempDir private static Path folder;
  private static RunCommandsFixture fixture;
  private static Said trained;

  @BeforeAll
  static void train() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    List<TestRuns.Row> rows = TestRuns.rows();
    StringBuilder csv = new StringBuilder("id,Sequence,gc,at,Split\n");
    IntStream.range(0, rows.size())
        .forEach(
            i -> {
              TestRuns.Row row = rows.get(i);
              String gc = i % 5 == 1 ? "NA" : String.valueOf(row.value());
              String at = i % 5 == 3 ? "" : String.valueOf(100 - 100 * row.value());
              csv.append(String.join(",", row.id(), row.sequence(), gc, at, row.split()))
                  .append('\n');
            });
    Files.writeString(folder.resolve("several.csv"), csv);
    trained =
        fixture.train(
            "--data=@several.csv",
            "--target-column=gc",
            "--target-column=at",
            "--epochs=30",
            "--output=@several");
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  private static JsonNode file(String name) throws IOException {
    return json(Files.readString(folder.resolve(name)));
  }

  @Test
  void everyTargetIsLearnedAndMeasured() throws IOException {
    assertEquals(0, trained.code(), trained.err());
    JsonNode test = file("several/metrics.json").get("test");
    double gc = test.at("/targets/gc/spearman").asDouble();
    double at = test.at("/targets/at/spearman").asDouble();

    assertEquals((gc + at) / 2, test.get("spearman").asDouble(), 1e-12);
    assertTrue(gc > 0.3 && at > 0.3, test::toString);
    assertTrue(test.at("/targets/at/mse").asDouble() > 1, test::toString);
    assertEquals(12, test.get("n").asInt());
    assertTrue(test.at("/targets/at/n").asInt() < 12);
    assertTrue(trained.out().contains("test gc (n "), trained.out());
    assertTrue(trained.err().contains("no value of gc"), trained.err());
  }

  @Test
  void predictionsHaveColumnsForEachTarget() throws IOException {
    List<String> written = Files.readAllLines(folder.resolve("several/predictions.csv"));
    assertEquals("id,split,target_gc,prediction_gc,target_at,prediction_at", written.getFirst());
    assertTrue(
        written.get(2).matches("[^,]+,train,,-?[\\d.E-]+,-?[\\d.]+,-?[\\d.E-]+"), written.get(2));

    Said said =
        fixture.call(
            "predict", "@several", "--input=@several.csv", "--output=@p.csv", "--cache=@cache");
    assertEquals(0, said.code(), said.err());
    List<String> predicted = Files.readAllLines(folder.resolve("p.csv"));
    assertEquals("id,prediction_gc,prediction_at", predicted.getFirst());
    String[] cells = written.get(2).split(",");
    String[] found = predicted.get(2).split(",");
    assertEquals(cells[0], found[0]);
    assertEquals(Double.parseDouble(cells[3]), Double.parseDouble(found[1]), 1e-4);
    assertEquals(Double.parseDouble(cells[5]), Double.parseDouble(found[2]), 1e-2);
  }

  @Test
  void evaluationFindsTheTargetsByTheirNames() throws IOException {
    Said said =
        fixture.call("evaluate", "@several", "--data=@several.csv", "--cache=@cache", "--json");

    assertEquals(0, said.code(), said.err());
    JsonNode test = json(said.out()).get("test");
    JsonNode trainedOn = file("several/metrics.json").get("test");
    for (String figure : List.of("/spearman", "/targets/gc/mse", "/targets/at/r2")) {
      assertEquals(trainedOn.at(figure).asDouble(), test.at(figure).asDouble(), 1e-6, figure);
    }

    Said one =
        fixture.call(
            "evaluate", "@several", "--data=@several.csv", "--target-column=gc", "--cache=@cache");
    assertEquals(2, one.code());
    assertTrue(
        one.err().contains("predicts 2 targets (gc, at), and --target-column names 1"), one.err());
  }

  @Test
  void weightsOfClassesAreRecordedAndForClassesAlone() throws IOException {
    StringBuilder csv = new StringBuilder("Sequence,label,Split\n");
    TestRuns.rows()
        .forEach(
            row ->
                csv.append(String.join(",", row.sequence(), row.level(), row.split()))
                    .append('\n'));
    Files.writeString(folder.resolve("classes.csv"), csv);

    Said said =
        fixture.train(
            "--data=@classes.csv", "--class-weights=low=2,high=0.5", "--output=@weighted");
    assertEquals(0, said.code(), said.err());
    assertEquals("[0.5,2.0,1.0]", file("weighted/config.json").get("class_weights").toString());

    Said numbers = fixture.train("--class-weights=balanced", "--output=@numbers");
    assertEquals(2, numbers.code());
    assertTrue(numbers.err().contains("--class-weights is for classes"), numbers.err());
    assertTrue(Files.notExists(folder.resolve("numbers")));
  }
}

package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.training.run.TestRuns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several runs as one model. */
@RequiresTorch
class EnsembleTest {
  @TempDir private static Path folder;
  private static RunCommandsFixture fixture;

  @BeforeAll
  static void train() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    assertTrained(fixture.train("--output=@a", "--seed=1"));
    assertTrained(fixture.train("--output=@b", "--seed=2"));
    assertTrained(
        fixture.train("--output=@c", "--fusion=concat", "--protein=@protein", "--seed=3"));
    StringBuilder csv = new StringBuilder("Id,Sequence,label,Split\n");
    TestRuns.rows()
        .forEach(
            row ->
                csv.append(String.join(",", row.id(), row.sequence(), row.level(), row.split()))
                    .append('\n'));
    Files.writeString(folder.resolve("classes.csv"), csv);
    assertTrained(fixture.train("--output=@k1", "--data=@classes.csv", "--seed=1"));
    assertTrained(fixture.train("--output=@k2", "--data=@classes.csv", "--seed=2"));
  }

  private static void assertTrained(Said said) {
    assertEquals(0, said.code(), said.err());
  }

  private Said predict(String output, String... runs) {
    List<String> args = new ArrayList<>(List.of("predict"));
    args.addAll(List.of(runs));
    args.addAll(List.of("--input=@classes.csv", "--output=@" + output, "--cache=@cache"));
    return fixture.call(args.toArray(String[]::new));
  }

  private double[][] numbers(String file) throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve(file))) {
      return lines
          .skip(1)
          .map(
              line ->
                  Stream.of(line.split(","))
                      .skip(1)
                      .filter(cell -> cell.matches("-?[0-9.].*"))
                      .mapToDouble(Double::parseDouble)
                      .toArray())
          .toArray(double[][]::new);
    }
  }

  private String header(String file) throws IOException {
    return Files.readAllLines(folder.resolve(file)).getFirst();
  }

  @Test
  void numbersAreAveragedWithTheirSpread() throws IOException {
    for (String run : List.of("a", "b", "c")) {
      assertEquals(0, predict(run + ".csv", "@" + run).code());
    }
    Said said = predict("mean.csv", "@a", "@b", "@c");

    assertEquals(0, said.code(), said.err());
    assertEquals("id,prediction,prediction_sd", header("mean.csv"));
    double[][] a = numbers("a.csv");
    double[][] b = numbers("b.csv");
    double[][] c = numbers("c.csv");
    double[][] both = numbers("mean.csv");
    assertEquals(60, both.length);
    for (int i = 0; i < both.length; i++) {
      double mean = (a[i][0] + b[i][0] + c[i][0]) / 3;
      double squares =
          Math.pow(a[i][0] - mean, 2) + Math.pow(b[i][0] - mean, 2) + Math.pow(c[i][0] - mean, 2);
      assertEquals(mean, both[i][0], 1e-9 * Math.max(1, Math.abs(mean)));
      assertEquals(Math.sqrt(squares / 2), both[i][1], 1e-9);
    }
  }

  /** Two adapters of one encoder and the encoder itself, of which none is taken for another. */
  @Test
  void encodersWithAdaptersAreKeptApart() throws IOException {
    String rate = "--encoder-learning-rate=1e-2";
    assertTrained(fixture.finetune("--output=@t1", "--seed=5", rate));
    assertTrained(fixture.finetune("--output=@t2", "--seed=6", rate));
    assertTrained(fixture.finetune("--output=@t3", "--full", rate));
    List<String> runs = List.of("a", "t1", "t2", "t3");
    List<String> args = new ArrayList<>(List.of("predict"));
    runs.forEach(run -> args.add("@" + run));
    args.addAll(List.of("--input=@data.csv", "--output=@tuned.csv", "--cache=@cache"));

    Said said = fixture.call(args.toArray(String[]::new));

    assertEquals(0, said.code(), said.err());
    double[][] mean = numbers("tuned.csv");
    for (int i = 0; i < mean.length; i++) {
      double sum = 0;
      for (String run : runs) {
        sum += trained(run).get(i);
      }
      assertEquals(sum / 4, mean[i][0], 1e-5);
      assertTrue(mean[i][1] > 0);
    }
  }

  private List<Double> trained(String run) throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve(run).resolve("predictions.csv"));
    int column = List.of(lines.getFirst().split(",")).indexOf("prediction");
    return lines.stream().skip(1).map(line -> Double.valueOf(line.split(",")[column])).toList();
  }

  @Test
  void probabilitiesAreAveragedWithTheirSpread() throws IOException {
    assertEquals(0, predict("k1.csv", "@k1").code());
    assertEquals(0, predict("k2.csv", "@k2").code());
    Said said = predict("classes-mean.csv", "@k1", "@k2");

    assertEquals(0, said.code(), said.err());
    assertEquals(
        "id,prediction,probability_high,probability_low,probability_mid,sd_high,sd_low,sd_mid",
        header("classes-mean.csv"));
    double[][] one = numbers("k1.csv");
    double[][] two = numbers("k2.csv");
    double[][] both = numbers("classes-mean.csv");
    for (int i = 0; i < both.length; i++) {
      for (int c = 0; c < 3; c++) {
        assertEquals((one[i][c] + two[i][c]) / 2, both[i][c], 1e-12);
        assertEquals(Math.abs(one[i][c] - two[i][c]) / Math.sqrt(2), both[i][3 + c], 1e-12);
      }
    }
  }

  @Test
  void theMeanIsEvaluatedAsItIsPredicted() throws IOException {
    Said said =
        fixture.call("evaluate", "@a", "@b", "--data=@data.csv", "--cache=@cache", "--json");
    assertEquals(0, said.code(), said.err());
    JsonNode evaluated = new ObjectMapper().readTree(said.out());
    assertEquals(2, evaluated.get("runs").size());

    predict("ab.csv", "@a", "@b");
    List<String> predictions = Files.readAllLines(folder.resolve("ab.csv"));
    List<TestRuns.Row> rows = TestRuns.rows();
    StringBuilder table = new StringBuilder("prediction,target,split\n");
    for (int i = 0; i < rows.size(); i++) {
      String prediction = predictions.get(i + 1).split(",")[1];
      table.append("%s,%s,%s%n".formatted(prediction, rows.get(i).value(), rows.get(i).split()));
    }
    Files.writeString(folder.resolve("table.csv"), table);
    JsonNode measured =
        new ObjectMapper().readTree(fixture.call("metrics", "@table.csv", "--json").out());

    for (String metric : List.of("spearman", "mse", "r2")) {
      assertEquals(
          measured.at("/splits/test/" + metric).asDouble(),
          evaluated.at("/test/" + metric).asDouble(),
          1e-4);
    }
  }

  @Test
  void rowsThatOneOfThemLearnedFromAreNoTestOfTheOthers() {
    assertTrained(fixture.train("--output=@fold", "--split=kfold:0/5", "--seed=4"));
    Said said = fixture.call("evaluate", "@a", "@fold", "--data=@data.csv", "--cache=@cache");

    assertEquals(0, said.code(), said.err());
    assertTrue(
        said.err().contains("data.csv: is the file that " + folder + "/fold was trained on, and"),
        said.err());
    assertTrue(said.err().matches("(?s).*learned from 1\\d of the 24 rows that are.*"), said.err());
    assertTrue(!said.err().contains(folder + "/a was trained on"), said.err());
  }

  @Test
  void anEncoderThatMovedIsGivenToThoseThatReadIt() throws IOException {
    TestRuns.copy(folder.resolve("protein"), folder.resolve("moved"));
    List<String> args =
        List.of("predict", "@a", "@c", "--input=@data.csv", "--output=@m.csv", "--cache=@cache");
    List<String> moved = new ArrayList<>(args);
    moved.add("--protein=@moved");
    Said said = fixture.call(moved.toArray(String[]::new));
    assertEquals(0, said.code(), said.err());

    List<String> unread = new ArrayList<>(args);
    unread.add("--dna=@dna");
    said = fixture.call(unread.toArray(String[]::new));
    assertEquals(2, said.code());
    assertTrue(said.err().contains("the model reads no dna; leave out --dna"), said.err());
  }

  @Test
  void runsThatDoNotPredictTheSameAreRefused() {
    Said tasks = predict("x.csv", "@a", "@k1");
    assertEquals(1, tasks.code());
    assertTrue(
        tasks.err().contains("do not predict the same: regression and classification; average"),
        tasks.err());

    Said twice = predict("x.csv", "@a", "@a");
    assertEquals(2, twice.code());
    assertTrue(twice.err().contains("is named twice"), twice.err());

    Said none = fixture.call("predict", "--input=@classes.csv", "--output=@x.csv");
    assertEquals(2, none.code());
    assertTrue(Files.notExists(folder.resolve("x.csv")));
  }
}

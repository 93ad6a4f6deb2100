package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.codonfuse.TestBackends;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.training.run.TestRuns;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaselineCommandTest {
  @TempDir Path folder;
  private RunCommandsFixture fixture;

  @BeforeEach
  void data() throws IOException {
    fixture = RunCommandsFixture.create(folder);
  }

  /** The target is the share of G and C plus noise. */
  @ParameterizedTest
  @ValueSource(strings = {"codon-usage", "kmer", "length-gc"})
  void ridgeRegressionPredictsTheShareOfGc(String model) throws IOException {
    Said said = baseline(model, "--json");

    assertEquals(0, said.code(), said.err());
    JsonNode result = new JsonMapper().readTree(said.out());
    assertEquals(12, result.path("test").path("n").intValue());
    assertTrue(result.path("test").path("spearman").doubleValue() > 0.4, said.out());
    Path run = folder.resolve("out");
    assertEquals(
        result.path("test"),
        new JsonMapper().readTree(run.resolve("metrics.json").toFile()).path("test"));
    assertEquals(TestRuns.SIZE + 1, Files.readAllLines(run.resolve("predictions.csv")).size());
    Said measured = fixture.call("metrics", "@out/predictions.csv");
    assertEquals(0, measured.code(), measured.err());
  }

  @Test
  void resumingAFinishedBaselineDoesNothing() throws IOException {
    Said first = baseline("length-gc", "--resume");
    assertEquals(0, first.code(), first.err());
    Path metrics = folder.resolve("out/metrics.json");
    String before = Files.readString(metrics);

    Said again = baseline("length-gc", "--resume", "--seed=9");
    Said neither = baseline("length-gc");

    assertEquals(0, again.code(), again.err());
    assertTrue(again.out().contains("is finished; nothing is left to do."), again.out());
    assertEquals(before, Files.readString(metrics));
    assertEquals(2, neither.code(), neither.out());
  }

  @Test
  void classesArePredicted() throws IOException {
    String csv =
        TestRuns.rows().stream()
            .map(
                row ->
                    "%s,%s,%s,%s%n".formatted(row.id(), row.sequence(), row.level(), row.split()))
            .collect(Collectors.joining("", "Id,Sequence,Value,Split\n", ""));
    Files.writeString(fixture.data(), csv);

    Said said = baseline("length-gc", "--json");

    assertEquals(0, said.code(), said.err());
    JsonNode test = new JsonMapper().readTree(said.out()).path("test");
    assertTrue(test.path("accuracy").doubleValue() > 0.5, said.out());
  }

  @Test
  void severalTargetsMayBeMissing() throws IOException {
    StringBuilder csv = new StringBuilder("Id,Sequence,A,B,Split\n");
    for (TestRuns.Row row : TestRuns.rows()) {
      boolean missing = row.id().endsWith("3");
      csv.append(
          "%s,%s,%s,%s,%s%n"
              .formatted(
                  row.id(), row.sequence(), row.value(), missing ? "" : -row.value(), row.split()));
    }
    Files.writeString(fixture.data(), csv);

    Said said = baseline("length-gc", "--target-column", "A", "--target-column", "B", "--json");

    assertEquals(0, said.code(), said.err());
    JsonNode test = new JsonMapper().readTree(said.out()).path("test");
    assertTrue(test.path("spearman").doubleValue() > 0.4, said.out());
  }

  @Test
  void thePenaltyIsTheOneWithTheLowestValidationLoss() throws IOException {
    Said said = baseline("kmer", "--json");

    double chosen = new JsonMapper().readTree(said.out()).path("penalty").doubleValue();
    var losses =
        Files.readAllLines(folder.resolve("out/history.csv")).stream()
            .skip(1)
            .map(line -> line.split(","))
            .collect(
                Collectors.toMap(
                    cells -> Double.valueOf(cells[0]), cells -> Double.valueOf(cells[1])));
    assertEquals(
        losses.values().stream().min(Double::compare), java.util.Optional.of(losses.get(chosen)));
    assertTrue(losses.size() > 10);
  }

  @Test
  void oneHotIsARunThatPredicts() throws IOException {
    TestBackends.missing("torch").ifPresent(Assumptions::abort);
    Said said =
        baseline("one-hot", "--epochs", "3", "--channels", "8", "--head-dim", "8", "--json");
    assertEquals(0, said.code(), said.err());

    Said evaluated = fixture.call("evaluate", "@out", "--data", "@data.csv", "--json");

    assertEquals(0, evaluated.code(), evaluated.err());
    assertEquals(
        new JsonMapper().readTree(said.out()).path("test").path("spearman").doubleValue(),
        new JsonMapper().readTree(evaluated.out()).path("test").path("spearman").doubleValue(),
        1e-9);
  }

  @Test
  void aRidgeRegressionIsNoRunToPredictWith() {
    baseline("codon-usage");

    Said said = fixture.call("predict", "@out", "--input", "@data.csv", "--output", "@p.csv");

    assertEquals(1, said.code());
    assertTrue(
        said.err()
            .contains(
                "config.json: is that of the baseline codon-usage, which only measures; name a"
                    + " directory that 'codonfuse train' wrote."),
        said.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--model codons | Unknown baseline 'codons'; use one of codon-usage, kmer, length-gc,"
            + " one-hot;",
        "--model kmer --longest-kmer 9 | --longest-kmer 9 is out of range; use 1 to 5;",
        "--model one-hot --longest-kmer 2 | --longest-kmer is for --model kmer; leave it out;",
        "--model kmer --epochs 2 | --epochs is for --model one-hot; leave it out;",
        "--model one-hot --learning-rate 0 | --learning-rate 0.0 is out of range",
      })
  void wrongOptionsAreNamed(String options, String message) {
    Said said = fixture.call(("baseline --data @data.csv --output @out " + options).split(" "));

    assertEquals(2, said.code());
    assertTrue(said.err().startsWith("codonfuse: " + message), said.err());
    assertTrue(Files.notExists(folder.resolve("out")));
  }

  private Said baseline(String model, String... options) {
    String[] args = new String[7 + options.length];
    System.arraycopy(
        new String[] {"baseline", "--data", "@data.csv", "--output", "@out", "--model", model},
        0,
        args,
        0,
        7);
    System.arraycopy(options, 0, args, 7, options.length);
    return fixture.call(args);
  }
}

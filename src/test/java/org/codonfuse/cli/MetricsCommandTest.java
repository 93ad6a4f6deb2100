package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MetricsCommandTest {
  @TempDir Path folder;

  private final List<Exception> failures = new ArrayList<>();

  private String run(Path file, String... options) {
    StringWriter out = new StringWriter();
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add(file.toString());
    int code =
        new CommandLine(new MetricsCommand())
            .setOut(new PrintWriter(out))
            .setExecutionExceptionHandler(
                (e, _, _) -> {
                  failures.add(e);
                  return 1;
                })
            .execute(arguments.toArray(String[]::new));
    assertEquals(failures.isEmpty() ? 0 : 1, code);
    return out.toString();
  }

  private JsonNode json(String content, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--json");
    String out = run(csv(content), all.toArray(String[]::new));
    assertEquals(List.of(), failures);
    return new ObjectMapper().readTree(out);
  }

  private Path csv(String content) throws IOException {
    return Files.writeString(folder.resolve("p.csv"), content);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prediction,target\n1.5,1\n2.5,2\n3.5,4\n",
        "Predictions,Targets\n1.5,1\n2.5,2\n3.5,4\n",
        "id;y_true;y_pred\r\na;1;1.5\r\nb;2;2.5\r\nc;4;3.5\r\n",
        "\ufeffMeasured\tOutput\n1\t1.5\n\n2\t2.5\n4\t3.5",
        "\"label\", pred\n\"1\", 1.5\n 2 ,2.5\n  \n4,35e-1\n"
      })
  void detectsColumnsAndSeparators(String content) throws IOException {
    JsonNode metrics = json(content);

    assertEquals("regression", metrics.get("task").asText());
    assertEquals(1, metrics.get("spearman").asDouble());
    assertEquals(0.25, metrics.get("mse").asDouble());
    assertEquals(3, metrics.get("n").asInt());
    assertEquals(2, metrics.get("mse_interval").size());
  }

  @Test
  void readsGzip() throws IOException {
    Path file = folder.resolve("p.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("prediction,target\n1.5,1\n2.5,2\n".getBytes(StandardCharsets.UTF_8));
    }

    assertTrue(run(file).contains("all (n 2)"));
  }

  @Test
  void measuresNamedColumns() throws IOException {
    JsonNode metrics =
        json(
            "prediction,mine,target,truth\n0,1,0,1\n0,2,9,2\n1,3,0,3\n",
            "--prediction-column=MINE",
            "--target-column=truth",
            "--task=regression");

    assertEquals(1, metrics.get("pearson").asDouble());
  }

  @Test
  void reportsEverySplitAndAll() throws IOException {
    JsonNode metrics =
        json(
            "prediction,target,Split\n"
                + "1.5,1,train\n"
                + "2.5,2,test\n"
                + "3.5,3,train\n"
                + "4.5,5,test\n"
                + "5,5,test\n");

    assertEquals(5, metrics.get("n").asInt());
    assertEquals(2, metrics.get("splits").get("train").get("n").asInt());
    assertEquals(0.25, metrics.get("splits").get("train").get("mse").asDouble());
    assertEquals(3, metrics.get("splits").get("test").get("n").asInt());
  }

  @Test
  void undefinedFiguresAreNull() throws IOException {
    JsonNode metrics = json("prediction,target\n1.5,1\n1.5,2\n");

    assertTrue(metrics.get("spearman").isNull());
    assertEquals(0.25, metrics.get("mse").asDouble());
  }

  @ParameterizedTest
  @CsvSource({"low,high", "0,1", "0.0,1.0"})
  void measuresPredictedClasses(String a, String b) throws IOException {
    JsonNode metrics =
        json(
            "prediction,target\n%1$s,%1$s\n%2$s,%2$s\n%1$s,%2$s\n%2$s,%2$s\n".formatted(a, b),
            "--task=classification");

    assertEquals(0.75, metrics.get("accuracy").asDouble());
    assertFalse(metrics.has("auroc_ovr_macro"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prediction,target;a,a;b,b;b,a | classification",
        "prediction,target;0,0;1,1;0,1;1,1 | classification",
        "prediction,target;1,1;2,2;3,3;4,4 | regression",
        "prediction,target;0.5,0;0.5,1;0.25,1;1,1 | regression",
        "target,logit_0,logit_1;0,1,0;1,0,1 | classification"
      })
  void detectsTheTask(String content, String task) throws IOException {
    assertEquals(task, json(content.replace(';', '\n')).get("task").asText());
  }

  @ParameterizedTest
  @ValueSource(strings = {"probability_", "logit_", "prob_"})
  void measuresClassScores(String prefix) throws IOException {
    JsonNode metrics =
        json(
            "target,%1$slow,%1$shigh\nlow,0.8,0.2\nhigh,0.4,0.6\nlow,0.45,0.55\n"
                .formatted(prefix));

    assertEquals(2.0 / 3, metrics.get("accuracy").asDouble(), 1e-12);
    assertEquals(1, metrics.get("auroc_ovr_macro").asDouble());
  }

  @Test
  void predictedClassesGoBeforeTheLargestScores() throws IOException {
    JsonNode metrics =
        json(
            "target,prediction,probability_a,probability_b\n"
                + "a,b,0.8,0.2\nb,a,0.4,0.6\na,b,0.7,0.3\n");

    assertEquals(0, metrics.get("accuracy").asDouble());
    assertEquals(1, metrics.get("auroc_ovr_macro").asDouble());
  }

  @Test
  void printsATable() throws IOException {
    String out = run(csv("prediction,target,split\n1.5,1,a\n2.5,2,a\n3.5,4,b\n"));

    assertTrue(out.contains("p.csv: regression"), out);
    assertTrue(out.contains("all (n 3)"), out);
    assertTrue(out.matches("(?s).*spearman +1\\.0000   \\[1\\.0000, 1\\.0000].*"), out);
    assertTrue(out.contains("b (n 1)") && out.contains("undefined"), out);
  }

  @Test
  void theSeedDecidesTheIntervals() throws IOException {
    String content = "prediction,target\n1.5,1\n2.5,2\n3.5,5\n4.1,3\n0.3,2\n";

    assertEquals(json(content, "--seed=3"), json(content, "--seed=3"));
    assertFalse(json(content, "--seed=3").equals(json(content, "--seed=4")));
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of("", ": is empty; give a table with a header and rows."),
        Arguments.of("\n\n", ": is empty; give a table with a header and rows."),
        Arguments.of(
            "prediction,target\n", ": has a header line and no rows; give it at least one."),
        Arguments.of(
            "prediction,target\n1,2\n",
            ": has one row, but metrics need at least two; give more predictions."),
        Arguments.of(
            "a,target\n1,2\n1,2\n",
            ": no column is named like a prediction (prediction, predictions, pred, preds,"
                + " predicted, y_pred, output); choose --prediction-column among a, target."),
        Arguments.of("prediction,b\n1,2\n1,2\n", ": no column is named like a target (target, "),
        Arguments.of(
            "prediction,target\n1,2\n1,x\n2,3\n",
            ":3: column 'target' has 'x' where a number is needed; correct or remove the row."),
        Arguments.of("prediction,target\n1,2\n\n1,2\n,3", ":5: column 'prediction' has nothing"),
        Arguments.of("prediction,target\nNaN,2\n1,2\n", ":2: column 'prediction' has 'NaN'"),
        Arguments.of("prediction,target\n1e999,2\n1,2\n", ":2: column 'prediction' has '1e999'"),
        Arguments.of(
            "id,prediction,target\n\"a\nb\",1,2\nc,1,x\nd,1,2\n", ":4: column 'target' has 'x'"),
        Arguments.of(
            "prediction,target\n1,2\n1,2,3\n1,2\n",
            ":3: has 3 cells where the header has 2; correct the row"),
        Arguments.of(
            "prediction,target\n\"1,2\n1,2\n",
            ":2: a double quote is opened and never closed; close"),
        Arguments.of(
            "target,probability_a\na,1\nb,0\n",
            ": the only score column is that of class 'a'; give one for every class."),
        Arguments.of(
            "target,probability_a,probability_b\na,1,0\nc,0,1\n",
            ":3: the class 'c' has no score column among those of [a, b]; add it."),
        Arguments.of("target,logit_a,logit_a\na,1,0\nc,0,1\n", ": two score columns of class 'a'"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void refusesBadFilesInOneSentence(String content, String expected) throws IOException {
    Path file = csv(content);

    String out = run(file);

    String message = assertInstanceOf(CodonfuseException.class, failures.getFirst()).getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    assertTrue(message.contains(expected), message);
    assertFalse(message.contains("\n"), message);
    assertEquals("", out);
  }

  @Test
  void refusesWhatIsNoText() throws IOException {
    Path file =
        Files.write(
            folder.resolve("p.csv"), "pr\u00e9diction".getBytes(StandardCharsets.ISO_8859_1));

    run(file);
    run(folder.resolve("absent.csv"));
    run(Files.write(folder.resolve("b.csv"), new byte[] {'a', 0, 'b', '\n'}));

    assertEquals(file + ": is not text in UTF-8; save it as UTF-8.", failures.get(0).getMessage());
    assertEquals(
        folder.resolve("absent.csv")
            + ": cannot be read (no such file or directory); check the path.",
        failures.get(1).getMessage());
    assertEquals(
        folder.resolve("b.csv") + ": is a binary file; give text in UTF-8, plain or gzip.",
        failures.get(2).getMessage());
  }

  @Test
  void wrongOptionsAreUsageErrors() throws IOException {
    Path file = csv("prediction,target\n1,2\n2,1\n");

    run(file, "--task=ranking");
    run(file, "--target-column=x");
    run(folder.resolve("absent.csv"), "--quiet", "--verbose");

    assertEquals(
        "--task ranking is unknown; give auto, regression or classification",
        assertInstanceOf(UsageException.class, failures.get(0)).getMessage());
    assertEquals(
        file + ": has no column 'x'; choose --target-column among prediction, target.",
        assertInstanceOf(UsageException.class, failures.get(1)).getMessage());
    assertInstanceOf(UsageException.class, failures.get(2));
  }
}

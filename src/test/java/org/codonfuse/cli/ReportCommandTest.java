package org.codonfuse.cli;

import static java.util.regex.Pattern.DOTALL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.explain.Explanation;
import org.codonfuse.explain.ExplanationDirectory;
import org.codonfuse.training.run.TestRuns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RequiresTorch
class ReportCommandTest {
  private static final String HOSTILE = "</script><script>alert(1)</script>";

  @TempDir private static Path folder;
  private static RunCommandsFixture fixture;

  @BeforeAll
  static void runs() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    Files.writeString(
        fixture.data(), TestRuns.csv().replaceFirst("s07", HOSTILE).replaceFirst("s08", "it's"));
    assertEquals(0, fixture.train("--output=@run").code());
    Said said =
        fixture.call("baseline", "--model=length-gc", "--data=@data.csv", "--output=@ridge");
    assertEquals(0, said.code(), said.err());
    Files.createDirectory(folder.resolve("nothing"));
    Files.writeString(folder.resolve("page.html"), "<html>Mine</html>");
    explainOtherwise();
    damage("config.json", text -> text.substring(0, text.length() / 2));
    damage("metrics.json", text -> text.replaceFirst("\"n\" : \\d+", "\"n\" : \"x\""));
    damage("history.csv", text -> text.replaceFirst("train_loss", "loss"));
    damage("predictions.csv", text -> text.replaceFirst(",val\\w*,", ",exam,"));
  }

  private static void explainOtherwise() throws IOException {
    Path run = TestRuns.copy(folder.resolve("run"), folder.resolve("explained-otherwise"));
    Explanation.Summary summary =
        new Explanation.Summary(
            ExplanationDirectory.FORMAT,
            "1",
            "torch",
            "elsewhere",
            "data.csv",
            "00",
            1,
            1,
            0,
            "all",
            List.of("half_life"),
            List.of("dna", "protein"),
            "none",
            0,
            "the mean",
            false,
            1);
    ExplanationDirectory.write(
        Files.createDirectory(run.resolve(ExplanationDirectory.NAME)),
        new Explanation(
            summary, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(),
            List.of(), List.of(), List.of(), List.of(), List.of()));
  }

  private static void damage(String file, UnaryOperator<String> change) throws IOException {
    Path run = TestRuns.copy(folder.resolve("run"), folder.resolve("damaged-" + file));
    String before = Files.readString(run.resolve(file));
    String after = change.apply(before);
    assertFalse(before.equals(after), file);
    Files.writeString(run.resolve(file), after);
  }

  @Test
  void trainingEndsWithAReportOnIt() throws IOException {
    Said said = fixture.train("--output=@again");
    assertTrue(said.err().endsWith("Report: " + folder + "/again/report.html\n"), said.err());
    String page = Files.readString(folder.resolve("again/report.html"));
    assertTrue(page.contains("<h1>Report on again</h1>"));
    assertTrue(page.contains("id=\"training\""));
    assertFalse(page.contains(HOSTILE));

    Files.delete(folder.resolve("again/report.html"));
    assertEquals(0, fixture.train("--output=@again", "--resume").code());
    assertTrue(Files.exists(folder.resolve("again/report.html")));

    Files.createDirectory(folder.resolve("again/explanation"));
    Said replaced = fixture.train("--output=@again", "--overwrite");
    assertEquals(0, replaced.code(), replaced.err());
    assertTrue(Files.exists(folder.resolve("again/report.html")));
    assertTrue(Files.notExists(folder.resolve("again/explanation")));
  }

  @Test
  void theCommandOnThePageFineTunesAgain() throws IOException {
    Said said =
        fixture.finetune(
            "--output=@tuned",
            "--fusion=concat",
            "--protein=@protein",
            "--modalities=protein",
            "--lora-rank=2",
            "--lora-alpha=3",
            "--lora-dropout=0.25",
            "--rslora",
            "--targets=query,output.dense",
            "--encoder-learning-rate=1e-2",
            "--head-epochs=1",
            "--gradient-checkpointing",
            "--micro-batch=9",
            "--threads=1");
    assertEquals(0, said.code(), said.err());
    String page = Files.readString(folder.resolve("tuned/report.html"));
    for (String setting :
        List.of(
            "protein, by LoRA",
            "3, over the root of the rank",
            "query, output.dense",
            // Two modules from 16 to 16 and one from 32 to 16, each by rank 2.
            "224 of protein")) {
      assertTrue(page.contains(setting), setting);
    }
    assertTrue(page.contains("{\"x\":1.5,\"name\":\"encoders learn\"}"));

    Matcher command = Pattern.compile("<pre><code>(codonfuse .*?)</code>", DOTALL).matcher(page);
    assertTrue(command.find());
    List<String> words = new ArrayList<>(List.of(command.group(1).split("[ \\\\\n]+")));
    assertEquals(List.of("codonfuse", "finetune"), words.subList(0, 2));
    assertEquals(folder + "/tuned", words.removeLast());
    words.addAll(List.of("@tuned-again", "--cache=@cache", "--threads=1"));
    Said again = fixture.call(words.subList(1, words.size()).toArray(String[]::new));

    assertEquals(0, again.code(), again.err());
    for (String file : List.of("config.json", "predictions.csv", "metrics.json")) {
      assertEquals(
          Files.readString(folder.resolve("tuned").resolve(file)),
          Files.readString(folder.resolve("tuned-again").resolve(file)),
          file);
    }
  }

  @Test
  void theCommandOfWholeEncodersSaysSo() throws IOException {
    Said said = fixture.finetune("--output=@whole", "--full");
    assertEquals(0, said.code(), said.err());
    assertEquals(0, fixture.call("report", "@whole", "@run", "--output=@w.html").code());
    String page = Files.readString(folder.resolve("w.html"));
    assertTrue(page.contains("rna, all weights"));
    assertTrue(page.contains(" \\\n  --full \\\n  --modalities rna \\\n"), page);
    assertFalse(page.contains("--lora"));
  }

  @Test
  void runsAndBaselinesAreComparedOnOnePage() throws IOException {
    Said said = fixture.call("report", "@run", "@ridge", "--output=@both.html");
    assertEquals(0, said.code(), said.err());
    assertTrue(said.out().equals("Report: " + folder + "/both.html\n"), said.out());
    String page = Files.readString(folder.resolve("both.html"));
    assertTrue(page.contains("length-gc (ridge)"));
    assertFalse(page.contains(HOSTILE));

    Said again = fixture.call("report", "@ridge", "--output=@both.html", "--figures=@plots");
    assertEquals(0, again.code(), again.err());
    try (Stream<Path> files = Files.list(folder.resolve("plots"))) {
      long images = files.filter(file -> file.toString().endsWith(".png")).count();
      assertTrue(
          again.out().endsWith("Figures: %s/plots (%d)%n".formatted(folder, images)), again.out());
    }
    assertFalse(Files.readString(folder.resolve("both.html")).contains("<h1>Report on 2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "@absent | 2 | @absent: is not a directory; name one that 'codonfuse train' wrote",
        "@data.csv | 2 | @data.csv: is not a directory; name one that 'codonfuse train' wrote",
        "@nothing | 1 | @nothing/config.json: ",
        "@run @run | 2 | @run: is named twice; name every run once",
        "@run @run/../run | 2 | @run/../run: is named twice; name every run once",
        "@run --output=@nothing | 2 | @nothing: is a directory; name a file for --output",
        "@run --output=@page.html | 2 | @page.html: is there and is no report; choose another"
            + " --output",
        "@run --output=@page.html/a.html | 1 | @page.html/a.html: ",
        "@run --figures=@page.html | 2 | @page.html: is a file; name a directory for --figures",
        "@damaged-config.json | 1 | @damaged-config.json/config.json:",
        "@damaged-metrics.json | 1 | @damaged-metrics.json/metrics.json: is damaged",
        "@damaged-history.csv | 1 | @damaged-history.csv/history.csv: has no column 'train_loss'",
        "@damaged-predictions.csv | 1 | @damaged-predictions.csv/predictions.csv:",
        "@explained-otherwise | 1 | @explained-otherwise/explanation: is about another model, which"
            + " predicts half_life from dna, protein; explain the run again.",
      })
  void whatIsWrongIsSaidAndNothingWritten(String args, int code, String message)
      throws IOException {
    var before = fixture.contents();
    String defaults = args.contains("--output") ? "" : " --output=@never.html";
    Said said = fixture.call(("report " + args + defaults).split(" "));
    assertEquals(code, said.code(), said.err());
    assertTrue(
        said.err().startsWith("codonfuse: " + message.replace("@", folder + "/")), said.err());
    assertEquals(1, said.err().lines().count(), said.err());
    assertEquals(before, fixture.contents());
  }
}

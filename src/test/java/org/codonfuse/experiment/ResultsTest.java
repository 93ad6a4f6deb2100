package org.codonfuse.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Json;
import org.codonfuse.training.metrics.MetricReport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results of made-up predictions. */
class ResultsTest {
  private static final int ROWS = 120;
  private static final String PLAN =
      """
      name: Made up
      data: {name: Set A, file: data.csv, published: cov-vac}
      encoders: {dna: a, rna: rna-fm, protein: b}
      fusions: [rna, protein, concat, {fusion: mil, lambda: [0, 0.5]}]
      seeds: [1, 2]
      """;

  @TempDir Path folder;
  private ExperimentPlan plan;
  private ExperimentDirectory directory;

  @BeforeEach
  void begin() {
    plan = Plans.read(folder, PLAN);
    directory = ExperimentDirectory.open(folder.resolve("out"), plan, false);
  }

  /** Writes a run whose predictions are the targets with noise. */
  private void write(String id, double noise, double validation) throws IOException {
    Cell cell = Cell.of(plan).stream().filter(c -> c.id().endsWith(id)).findFirst().orElseThrow();
    SplittableRandom targets = new SplittableRandom(1);
    SplittableRandom random = new SplittableRandom(id.hashCode());
    StringBuilder csv = new StringBuilder("id,split,target,prediction\nv,validation,1,1\n");
    double[] x = new double[ROWS];
    double[] y = new double[ROWS];
    for (int i = 0; i < ROWS; i++) {
      x[i] = targets.nextGaussian();
      y[i] = x[i] + noise * random.nextGaussian();
      csv.append(String.format(Locale.ROOT, "r%d,test,%s,%s%n", i, x[i], y[i]));
    }
    Path run = Files.createDirectories(directory.run(cell));
    AtomicFiles.writeString(run.resolve("predictions.csv"), csv);
    AtomicFiles.writeString(run.resolve("config.json"), "{\"best_epoch\": 3}");
    AtomicFiles.writeString(
        run.resolve("metrics.json"),
        Json.pretty(
            java.util.Map.of(
                "validation",
                java.util.Map.of("spearman", validation),
                "test",
                MetricReport.regression(x, y, 1).toMap())));
  }

  private void writeAll() throws IOException {
    for (int seed = 1; seed <= 2; seed++) {
      write("/rna/seed-" + seed, 0.9, 0.7);
      write("/protein/seed-" + seed, 0.5, 0.6); // Better on test, which must not choose.
      write("/concat/seed-" + seed, 0.91, 0.7);
      write("/mil/seed-" + seed + "/lambda-0", 0.3, seed == 1 ? 0.8 : 0.7);
      write("/mil/seed-" + seed + "/lambda-0.5", 0.2, seed == 1 ? 0.7 : 0.8);
    }
  }

  @Test
  void validationChoosesLambdaForEverySeed() throws IOException {
    writeAll();

    RowResult mil = Results.read(plan, directory).rows().get(3);

    assertEquals(
        List.of(0.0, 0.5),
        mil.runs().stream().map(run -> run.cell().lambda().getAsDouble()).toList());
    assertEquals(0.8, mil.validation(), 1e-12);
    assertTrue(mil.isComplete());
    assertTrue(mil.interval().orElseThrow().low() < mil.mean());
    assertTrue(mil.interval().orElseThrow().high() > mil.mean());
  }

  @Test
  void fusionsAreComparedWithTheModelThatValidationChose() throws IOException {
    writeAll();

    List<Results.Comparison> comparisons = Results.read(plan, directory).comparisons();

    assertEquals(
        List.of("concat", "mil"), comparisons.stream().map(c -> c.fused().row().name()).toList());
    assertTrue(comparisons.stream().allMatch(c -> c.alone().row().name().equals("rna")));
    assertEquals("unclear", comparisons.getFirst().verdict());
    assertEquals("helps", comparisons.getLast().verdict());
    assertTrue(comparisons.getLast().p() >= comparisons.getLast().difference().p());
  }

  @Test
  void anIncompleteGridHasNoResultYet() throws IOException {
    write("/mil/seed-1/lambda-0", 0.3, 0.8);
    write("/rna/seed-1", 0.3, 0.8);

    Results results = Results.read(plan, directory);

    assertEquals(List.of(1, 0, 0, 0), results.rows().stream().map(r -> r.runs().size()).toList());
    assertTrue(results.comparisons().isEmpty());
    assertEquals(2, results.cells().size());
    List<String> text = new ResultTables(results).text();
    assertTrue(text.get(2).matches("rna +0\\.9\\d\\d +\\[.*1 of 2 .*"), text.get(2));
    assertTrue(text.get(3).matches("protein +– +– .*0 of 2 .*"), text.get(3));
  }

  @Test
  void tablesHaveTheShapeOfThePapers() throws IOException {
    writeAll();
    Results results = Results.read(plan, directory);
    Path table = folder.resolve("out/table.md");

    new ResultTables(results).write(table);

    List<String> lines = Files.readAllLines(table);
    assertEquals("# Made up", lines.getFirst());
    assertEquals("| Encoding | Set A | published |", lines.get(2));
    assertTrue(
        lines.get(4).matches("\\| rna \\| 0\\.\\d{3} ± 0\\.\\d{3} \\| 0\\.841 \\|"), lines.get(4));
    assertTrue(
        lines.get(7).matches("\\| mil \\| \\*\\*0\\.9\\d\\d ± 0\\.\\d{3}\\*\\* \\| 0\\.864 \\|"),
        lines.get(7));
    assertTrue(lines.contains("### Does fusion help?"));
    assertTrue(
        lines.stream().anyMatch(line -> line.matches("\\| mil \\| rna \\| \\+0\\..* helps \\|")));
    assertTrue(lines.stream().anyMatch(line -> line.contains("| 0, 0.5 | 2 |")));
  }

  @Test
  void aTerminalOf80ColumnsIsWideEnough() throws IOException {
    writeAll();

    List<String> text = new ResultTables(Results.read(plan, directory)).text();

    assertTrue(text.stream().allMatch(line -> line.length() <= 80), String.join("\n", text));
    assertTrue(text.contains("Does fusion help?"), String.join("\n", text));
  }

  @Test
  void resultsHaveALinePerTraining() throws IOException {
    writeAll();
    Path out = folder.resolve("out");

    ResultsFile.write(out.resolve("results.csv"), Results.read(plan, directory), out);

    List<String> lines = Files.readAllLines(out.resolve("results.csv"));
    assertEquals(1 + 10, lines.size());
    assertTrue(
        lines
            .getFirst()
            .startsWith(
                "data,model,fusion,encoders,head,lambda,seed,fold,selected,best_epoch,seconds,"
                    + "validation_spearman,test_spearman,test_spearman_low,test_spearman_high,"),
        lines.getFirst());
    assertTrue(
        lines
            .get(8)
            .startsWith("Set A,mil,mil,dna=a;rna=rna-fm;protein=b,textcnn,0.5,1,,false,3,,0.7,0."),
        lines.get(8));
    assertTrue(lines.get(8).endsWith(",runs/set-a/mil/seed-1/lambda-0.5"));
  }

  /** Every row of the data is in the test of one fold. */
  @Test
  void foldsArePooled() throws IOException {
    plan = Plans.read(folder, PLAN.replace("seeds: [1, 2]", "folds: 3"));
    directory = ExperimentDirectory.open(folder.resolve("folds"), plan, false);
    for (int fold = 0; fold < 3; fold++) {
      write("/rna/fold-" + fold, 0.9, 0.7);
      write("/protein/fold-" + fold, 0.9, 0.6);
      write("/concat/fold-" + fold, 0.2, 0.6);
    }

    Results results = Results.read(plan, directory);

    assertEquals(3 * ROWS, results.rows().getFirst().pooled().ids().size());
    assertEquals("helps", results.comparisons().getFirst().verdict());
    try (Stream<String> text = new ResultTables(results).text().stream()) {
      assertTrue(text.anyMatch(line -> line.startsWith("concat")));
    }
  }
}

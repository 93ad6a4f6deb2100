package org.codonfuse.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.Split;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReportTest {
  private static final String HOSTILE = "</script><script>alert('\"&amp;')</script><!--";
  private static final Pattern SCRIPT = Pattern.compile("<script>.*?</script>", Pattern.DOTALL);
  private static final Pattern NO_NUMBER = Pattern.compile("NaN|Infinity|\\bnull\\b");

  @TempDir Path folder;

  private String page(ReportRun... runs) throws IOException {
    Path file = folder.resolve("report.html");
    Report.of(new ReportData(List.of(runs))).write(file, "1");
    return Files.readString(file);
  }

  private static ReportRun run(String name, Split... splits) {
    double[] measured = IntStream.range(0, splits.length).mapToDouble(Math::sin).toArray();
    double[] predicted = IntStream.range(0, splits.length).mapToDouble(Math::cos).toArray();
    return ReportRuns.of(name, List.of(splits), measured, predicted);
  }

  private static ReportRun large(String name, int rows) {
    Split[] splits = new Split[rows];
    Arrays.setAll(splits, i -> Split.values()[i % 3]);
    return run(name, splits);
  }

  @Test
  void namesAndIdsOfRunsStayText() throws IOException {
    String page = page(large(HOSTILE, 60), large("b" + HOSTILE, 60));
    assertEquals(3, page.split("<script", -1).length - 1, "data, library and script");
    assertEquals(3, page.split("</script", -1).length - 1);
    assertFalse(page.contains("alert('\"&amp;')"));
  }

  @Test
  void tenThousandSequencesStaySmall() throws IOException {
    assertTrue(page(large("Run", 10_000)).length() < 5 << 20);
  }

  /** As many as the largest of the public data sets, of as many models as are compared. */
  @Test
  void severalModelsOfThousandsOfSequencesStaySmall() throws IOException {
    ReportRun[] runs =
        IntStream.range(0, 6).mapToObj(i -> large("Run " + i, 2400)).toArray(ReportRun[]::new);
    assertTrue(page(runs).length() < 5 << 20);
  }

  static Stream<List<Split>> few() {
    return Stream.of(
        List.of(Split.TRAIN),
        List.of(Split.VALIDATION),
        List.of(Split.TEST),
        List.of(Split.TRAIN, Split.VALIDATION),
        Collections.nCopies(12, Split.TRAIN));
  }

  @ParameterizedTest
  @MethodSource("few")
  void fewRowsOfAnySplitAreEnough(List<Split> splits) throws IOException {
    String page = page(run("Run", splits.toArray(Split[]::new)));
    assertTrue(page.contains("<h1>Report on Run</h1>"));
    assertFalse(NO_NUMBER.matcher(SCRIPT.matcher(page).replaceAll("")).find(), page);
  }

  @Test
  void predictionsThatAreNoNumbersAreNoPoints() throws IOException {
    double[] predicted = new double[30];
    Arrays.fill(predicted, Double.NaN);
    ReportRun run =
        ReportRuns.of("Run", Collections.nCopies(30, Split.TEST), new double[30], predicted);
    String page = page(run);
    assertTrue(page.contains("<h1>Report on Run</h1>"));
    assertFalse(page.contains("id=\"predictions\""));
  }

  @Test
  void figuresAreWrittenAsImagesAndNumbers() throws IOException {
    Report report = Report.of(new ReportData(List.of(run(HOSTILE, Split.TEST))));
    report.writeFigures(folder.resolve("figures"));
    try (Stream<Path> files = Files.list(folder.resolve("figures"))) {
      assertEquals(3 * report.charts().size(), files.count());
    }
    assertTrue(report.charts().size() > 0);
  }

  @Test
  void onlyReportsAreReplaced() throws IOException {
    Path file = folder.resolve("report.html");
    Report.requireReplaceable(file);
    page(run("Run", Split.TEST));
    Report.requireReplaceable(file);
    Path other = Files.writeString(folder.resolve("other.html"), "<html></html>");
    UsageException failure =
        assertThrows(UsageException.class, () -> Report.requireReplaceable(other));
    assertEquals(
        other + ": is there and is no report; choose another --output.", failure.getMessage());
    assertThrows(UsageException.class, () -> Report.requireReplaceable(folder));
  }
}

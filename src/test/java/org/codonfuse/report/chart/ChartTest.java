package org.codonfuse.report.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChartTest {
  @TempDir Path directory;

  @Test
  void tablesHaveTheNumbersAsTheyAreAndNothingForWhatIsMissing() throws IOException {
    Path file = directory.resolve("lines.csv");
    ChartTable.of(ChartExamples.LINES).write(file);
    assertEquals(
        """
        line,epoch,loss,low,high
        training,1.0,1.0,,
        training,2.0,0.5,,
        training,3.0,0.25,,
        validation,1.0,1.25,1.0,1.5
        validation,2.0,,,
        validation,3.0,1.0,0.75,1.25
        """,
        Files.readString(file));
  }

  @Test
  void barsAreRowsOfTheCategoriesThatTheyHave() {
    ChartTable table = ChartTable.of(ChartExamples.BARS);
    assertEquals(List.of("model", "series", "Spearman", "low", "high"), table.columns());
    assertEquals(
        List.of(
            List.of("rna", "unimodal", "0.5", "0.25", "0.625"),
            List.of("fused", "fused", "0.75", "", "")),
        table.rows());
  }

  @Test
  void cellsKeepTheirRowsAndGroups() {
    ChartTable table = ChartTable.of(ChartExamples.CELLS);
    assertEquals(List.of("group", "codon", "1", "2"), table.columns());
    assertEquals(List.of("Met", "AUG", "", "0.25"), table.rows().getLast());
  }

  @Test
  void pointsHaveTheirValues() {
    ChartTable table = ChartTable.of(ChartExamples.VALUES);
    assertEquals(List.of("id", "group", "first", "second", "target"), table.columns());
    assertEquals(List.of("c", "all", "2.0", "2.5", ""), table.rows().getLast());
  }

  private static JsonNode json(Chart... charts) throws IOException {
    return new ObjectMapper().readTree(ChartJson.of(List.of(charts)));
  }

  @Test
  void jsonRoundsToWhatAScreenShowsAndKeepsMissingValues() throws IOException {
    double[] x = {0, 12.345678, 100};
    LineChart chart =
        new LineChart(
            new Caption("a", "A", ""),
            Axis.of("x", 0, 100),
            Axis.of("y"),
            List.of(
                LineChart.Line.of("l", 0, false, x, new double[] {1e-7, 2.00004e-7, Double.NaN})));
    JsonNode line = json(chart).path("charts").path(0).path("lines").path(0);
    assertEquals("[0,12.35,100]", line.path("x").toString());
    assertEquals("[1.0E-7,2.0E-7,null]", line.path("y").toString());
  }

  @Test
  void chartsWithTheSamePointsShareTheirLabels() throws IOException {
    JsonNode page = json(ChartExamples.POINTS, ChartExamples.VALUES, ChartExamples.POINTS);
    assertEquals(2, page.path("labels").size());
    assertEquals(0, page.at("/charts/0/groups/0/labels").intValue());
    assertEquals(1, page.at("/charts/1/groups/0/labels").intValue());
    assertEquals(0, page.at("/charts/2/groups/0/labels").intValue());
  }

  @Test
  void everyKindHasJson() throws IOException {
    JsonNode charts = json(ChartExamples.ALL.toArray(Chart[]::new)).path("charts");
    assertEquals(
        List.of("line", "scatter", "scatter", "bar", "bar", "heatmap"),
        charts.findValuesAsText("kind").stream().filter(kind -> kind.matches("[a-z]+")).toList());
    assertEquals("training-fused", charts.at("/0/id").asText());
  }

  @Test
  void idsAreNamesOfFiles() {
    assertEquals("training-mil-1", Caption.id("Training", " MIL (1)"));
    assertThrows(IllegalArgumentException.class, () -> new Caption("../x", "", ""));
    assertThrows(
        IllegalArgumentException.class,
        () -> LineChart.Line.of("short", 0, false, new double[] {1, 2}, new double[] {1}));
  }

  @Test
  void scalesKeepTheirMiddleAndHaveAWidth() {
    ColourScale scale =
        ColourScale.diverging("effect", new double[] {-3, Double.NaN}, new double[] {1});
    assertEquals(-3, scale.min());
    assertEquals(3, scale.max());
    ColourScale constant = ColourScale.sequential("target", new double[] {5, 5});
    assertEquals(6, constant.max());
  }
}

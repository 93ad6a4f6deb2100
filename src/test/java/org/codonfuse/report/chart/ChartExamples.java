package org.codonfuse.report.chart;

import java.util.List;
import java.util.Optional;

/** A chart of every kind, with a missing value each. */
final class ChartExamples {
  static final LineChart LINES =
      new LineChart(
          new Caption("training-fused", "Training", "Losses by epoch."),
          Axis.of("epoch"),
          Axis.of("loss"),
          List.of(
              LineChart.Line.of(
                  "training", 0, false, new double[] {1, 2, 3}, new double[] {1, 0.5, 0.25}),
              new LineChart.Line(
                  "validation",
                  1,
                  true,
                  new double[] {1, 2, 3},
                  new double[] {1.25, Double.NaN, 1},
                  new double[] {1, Double.NaN, 0.75},
                  new double[] {1.5, Double.NaN, 1.25})),
          List.of(new LineChart.Mark(1.5, "encoders learn"), new LineChart.Mark(2, "best epoch")));

  static final ScatterChart POINTS =
      new ScatterChart(
          new Caption("predicted", "Predicted and measured", "One point a sequence."),
          Axis.of("measured"),
          Axis.of("predicted"),
          List.of(
              ScatterChart.Points.of(
                  "test",
                  0,
                  new double[] {0, 1, 2},
                  new double[] {0.5, 1.5, 2.5},
                  List.of("a", "b", "<script>alert(1)</script>"))),
          Optional.of(new ScatterChart.Guide("95 % interval", 1, -1, 1)),
          Optional.empty());

  static final ScatterChart VALUES =
      new ScatterChart(
          new Caption("map", "Embeddings", "One point a sequence."),
          Axis.of("first"),
          Axis.of("second"),
          List.of(
              new ScatterChart.Points(
                  "all",
                  0,
                  new double[] {0, 1, 2},
                  new double[] {0.5, 1.5, 2.5},
                  List.of("a", "b", "c"),
                  new double[] {0, 0.5, Double.NaN})),
          Optional.empty(),
          Optional.of(new ColourScale("target", ColourScale.Kind.SEQUENTIAL, 0, 1)));

  static final BarChart BARS = bars(BarChart.Form.BARS);

  static final HeatmapChart CELLS =
      new HeatmapChart(
          new Caption("codons", "Effects of codons", "Rows are codons."),
          "tenth of the sequence",
          "codon",
          List.of("1", "2"),
          List.of("GCU", "GCC", "AUG"),
          List.of("Ala", "Ala", "Met"),
          new double[][] {{-1, 0}, {0.5, 1}, {Double.NaN, 0.25}},
          ColourScale.diverging("effect", new double[] {-1, 1}),
          List.of());

  static final List<Chart> ALL =
      List.of(LINES, POINTS, VALUES, BARS, bars(BarChart.Form.DOTS), CELLS);

  private ChartExamples() {}

  static BarChart bars(BarChart.Form form) {
    return new BarChart(
        new Caption("metrics-" + form.name().toLowerCase(java.util.Locale.ROOT), "Spearman", "…"),
        "model",
        Axis.of("Spearman"),
        form,
        List.of("rna", "fused"),
        List.of(
            new BarChart.Bars(
                "unimodal",
                0,
                new double[] {0.5, Double.NaN},
                new double[] {0.25, Double.NaN},
                new double[] {0.625, Double.NaN}),
            BarChart.Bars.of("fused", 1, new double[] {Double.NaN, 0.75})));
  }
}

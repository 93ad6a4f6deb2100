package org.codonfuse.report.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.stream.IntStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYBlockRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.data.xy.DefaultXYZDataset;

final class HeatmapDrawing {
  private static final Color MISSING = new Color(0xee, 0xee, 0xee);

  private HeatmapDrawing() {}

  static JFreeChart of(HeatmapChart chart) {
    SymbolAxis x = ChartDrawing.symbols(chart.x(), chart.columns().toArray(String[]::new));
    SymbolAxis y =
        ChartDrawing.symbols(
            chart.y(),
            IntStream.range(0, chart.rows().size())
                .mapToObj(row -> rowName(chart, row))
                .toArray(String[]::new));
    y.setInverted(true);
    int longest = chart.columns().stream().mapToInt(String::length).max().orElse(0);
    x.setVerticalTickLabels(longest > 4 && chart.columns().size() > 4);
    Colours colours = new Colours(chart.scale());
    XYBlockRenderer renderer = new XYBlockRenderer();
    renderer.setPaintScale(colours);
    renderer.setDefaultSeriesVisibleInLegend(false);
    XYPlot plot = ChartDrawing.plot(cells(chart), x, y, renderer);
    plot.setBackgroundPaint(MISSING);
    plot.setDomainGridlinesVisible(false);
    plot.setRangeGridlinesVisible(false);
    plot.setRangeAxisLocation(AxisLocation.TOP_OR_LEFT);
    groups(plot, chart);
    texts(plot, chart, colours);
    JFreeChart drawn = ChartDrawing.chart(plot);
    drawn.addSubtitle(Colours.legend(chart.scale()));
    return drawn;
  }

  private static String rowName(HeatmapChart chart, int row) {
    return chart.groups().isEmpty()
        ? chart.rows().get(row)
        : chart.groups().get(row) + " " + chart.rows().get(row);
  }

  private static DefaultXYZDataset cells(HeatmapChart chart) {
    double[][] cells =
        IntStream.range(0, chart.rows().size())
            .boxed()
            .flatMap(
                row ->
                    IntStream.range(0, chart.columns().size())
                        .filter(column -> Double.isFinite(chart.values()[row][column]))
                        .mapToObj(
                            column -> new double[] {column, row, chart.values()[row][column]}))
            .toArray(double[][]::new);
    double[][] coordinates = new double[3][cells.length];
    for (int i = 0; i < cells.length; i++) {
      for (int k = 0; k < 3; k++) {
        coordinates[k][i] = cells[i][k];
      }
    }
    DefaultXYZDataset data = new DefaultXYZDataset();
    data.addSeries("", coordinates);
    return data;
  }

  private static void groups(XYPlot plot, HeatmapChart chart) {
    for (int row = 1; row < chart.groups().size(); row++) {
      if (!chart.groups().get(row).equals(chart.groups().get(row - 1))) {
        ValueMarker line = new ValueMarker(row - 0.5, Color.WHITE, new BasicStroke(2));
        line.setAlpha(1);
        plot.addRangeMarker(line, Layer.FOREGROUND);
      }
    }
  }

  private static void texts(XYPlot plot, HeatmapChart chart, Colours colours) {
    for (int row = 0; row < chart.texts().size(); row++) {
      for (int column = 0; column < chart.columns().size(); column++) {
        XYTextAnnotation text =
            new XYTextAnnotation(chart.texts().get(row).get(column), column, row);
        double value = chart.values()[row][column];
        text.setFont(ChartDrawing.SMALL);
        text.setPaint(
            Double.isFinite(value)
                ? Colours.ink((Color) colours.getPaint(value))
                : ChartDrawing.INK);
        plot.addAnnotation(text);
      }
    }
  }
}

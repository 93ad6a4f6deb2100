package org.codonfuse.report.chart;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Charts as JSON for the script of a page: arrays of numbers, rounded to what a screen can show.
 * The labels of points, which the charts of a page have in common, are kept apart.
 */
public final class ChartJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** The index of each list of labels. */
  private final Map<List<String>, Integer> labels = new LinkedHashMap<>();

  private ChartJson() {}

  /**
   * The charts of a page: {@code {"charts": […], "labels": [["id of a point", …], …]}}, where the
   * {@code labels} of points are an index.
   */
  public static String of(List<? extends Chart> charts) {
    ChartJson json = new ChartJson();
    ObjectNode page = NODES.objectNode();
    ArrayNode array = page.putArray("charts");
    charts.forEach(chart -> array.add(json.chart(chart)));
    ArrayNode lists = page.putArray("labels");
    json.labels.keySet().forEach(list -> lists.add(texts(list)));
    return page.toString();
  }

  private ObjectNode chart(Chart chart) {
    ObjectNode json = NODES.objectNode();
    json.put("id", chart.caption().id()).put("title", chart.caption().title());
    switch (chart) {
      case LineChart c -> lines(json, c);
      case ScatterChart c -> points(json, c);
      case BarChart c -> bars(json, c);
      case HeatmapChart c -> cells(json, c);
    }
    return json;
  }

  private static void lines(ObjectNode json, LineChart chart) {
    json.put("kind", "line");
    Rounding rx = Rounding.of(chart.lines().stream().map(LineChart.Line::x));
    Rounding ry =
        Rounding.of(
            chart.lines().stream().flatMap(line -> Stream.of(line.y(), line.low(), line.high())));
    axes(json, chart.x(), chart.y());
    ArrayNode lines = json.putArray("lines");
    for (LineChart.Line line : chart.lines()) {
      ObjectNode node = lines.addObject().put("name", line.name());
      node.put("colour", line.colour()).put("dashed", line.dashed());
      node.set("x", rx.array(line.x()));
      node.set("y", ry.array(line.y()));
      if (line.low().length > 0) {
        node.set("low", ry.array(line.low()));
        node.set("high", ry.array(line.high()));
      }
    }
    ArrayNode marks = json.putArray("marks");
    chart.marks().forEach(mark -> marks.addObject().put("x", mark.x()).put("name", mark.name()));
  }

  private void points(ObjectNode json, ScatterChart chart) {
    json.put("kind", "scatter");
    Rounding rx = Rounding.of(chart.groups().stream().map(ScatterChart.Points::x));
    Rounding ry = Rounding.of(chart.groups().stream().map(ScatterChart.Points::y));
    axes(json, chart.x(), chart.y());
    ArrayNode groups = json.putArray("groups");
    for (ScatterChart.Points points : chart.groups()) {
      ObjectNode node = groups.addObject().put("name", points.name());
      node.put("colour", points.colour());
      node.set("x", rx.array(points.x()));
      node.set("y", ry.array(points.y()));
      if (!points.labels().isEmpty()) {
        node.put("labels", labels.computeIfAbsent(points.labels(), _ -> labels.size()));
      }
      chart
          .scale()
          .ifPresent(
              scale ->
                  node.set("values", Rounding.of(scale.min(), scale.max()).array(points.values())));
    }
    chart
        .guide()
        .ifPresent(
            guide ->
                json.putObject("guide")
                    .put("name", guide.name())
                    .put("slope", guide.slope())
                    .put("low", guide.low())
                    .put("high", guide.high()));
    chart.scale().ifPresent(scale -> json.set("scale", scale(scale)));
  }

  private static void bars(ObjectNode json, BarChart chart) {
    json.put("kind", "bar").put("form", chart.form().name());
    json.put("category", chart.category());
    json.set("value", axis(chart.value()));
    json.set("categories", texts(chart.categories()));
    Rounding rounding =
        Rounding.of(
            chart.series().stream()
                .flatMap(bars -> Stream.of(bars.values(), bars.low(), bars.high())));
    ArrayNode series = json.putArray("series");
    for (BarChart.Bars bars : chart.series()) {
      ObjectNode node = series.addObject().put("name", bars.name()).put("colour", bars.colour());
      node.set("values", rounding.array(bars.values()));
      if (bars.low().length > 0) {
        node.set("low", rounding.array(bars.low()));
        node.set("high", rounding.array(bars.high()));
      }
    }
  }

  private static void cells(ObjectNode json, HeatmapChart chart) {
    json.put("kind", "heatmap").put("x", chart.x()).put("y", chart.y());
    json.set("columns", texts(chart.columns()));
    json.set("rows", texts(chart.rows()));
    json.set("groups", texts(chart.groups()));
    json.set("scale", scale(chart.scale()));
    Rounding rounding = Rounding.of(chart.scale().min(), chart.scale().max());
    ArrayNode values = json.putArray("values");
    Arrays.stream(chart.values()).forEach(row -> values.add(rounding.array(row)));
    ArrayNode written = json.putArray("texts");
    chart.texts().forEach(row -> written.add(texts(row)));
  }

  private static void axes(ObjectNode json, Axis x, Axis y) {
    json.set("x", axis(x));
    json.set("y", axis(y));
  }

  private static ObjectNode axis(Axis axis) {
    ObjectNode json = NODES.objectNode().put("name", axis.name());
    put(json, "min", axis.min());
    put(json, "max", axis.max());
    return json;
  }

  private static void put(ObjectNode json, String name, OptionalDouble value) {
    value.ifPresent(number -> json.put(name, number));
  }

  private static ObjectNode scale(ColourScale scale) {
    ObjectNode json = NODES.objectNode().put("name", scale.name());
    json.put("kind", scale.kind().name()).put("min", scale.min()).put("max", scale.max());
    json.set("colours", texts(scale.kind().colours()));
    return json;
  }

  private static ArrayNode texts(List<String> texts) {
    ArrayNode array = NODES.arrayNode(texts.size());
    texts.forEach(array::add);
    return array;
  }

  /** Rounds to some ten-thousandths of a range. */
  private record Rounding(double unit) {
    private static final int STEPS = 10_000;

    static Rounding of(Stream<double[]> values) {
      var range =
          values.flatMapToDouble(DoubleStream::of).filter(Double::isFinite).summaryStatistics();
      return of(range.getMin(), range.getMax());
    }

    static Rounding of(double min, double max) {
      double range = Double.isFinite(max - min) && max > min ? max - min : Math.abs(max);
      return new Rounding(
          range > 0 && Double.isFinite(range)
              ? Math.pow(10, Math.ceil(Math.log10(STEPS / range)))
              : 1);
    }

    ArrayNode array(double[] values) {
      ArrayNode array = NODES.arrayNode(values.length);
      for (double value : values) {
        double rounded = Math.rint(value * unit) / unit;
        if (!Double.isFinite(rounded)) {
          array.addNull();
        } else if (rounded == Math.rint(rounded) && Math.abs(rounded) < 1e15) {
          array.add((long) rounded);
        } else {
          array.add(rounded);
        }
      }
      return array;
    }
  }
}

package org.codonfuse.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.codonfuse.explain.Explanation.MapAxis;
import org.codonfuse.explain.Explanation.MapPoint;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.ColourScale;
import org.codonfuse.report.chart.ScatterChart;
import org.codonfuse.report.chart.ScatterChart.Points;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.run.RunPredictions;

/** Sequences in two dimensions, by what they are and by which split they belong to. */
final class MapSection implements Section {
  /** Points in all maps of a report, in which each is drawn once a colouring. */
  private static final int POINTS = 40_000;

  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Explained> runs = Explained.of(data);
    Set<List<MapPoint>> seen = new HashSet<>();
    Map<Explained, List<List<MapPoint>>> maps = new HashMap<>();
    int points = 0;
    for (Explained run : runs) {
      List<List<MapPoint>> own =
          maps(run).stream()
              .filter(map -> seen.add(map) || map.getFirst().modality().equals("fused"))
              .toList();
      maps.put(run, own);
      points += own.stream().mapToInt(List::size).sum();
    }
    int every = Math.max(1, Math.ceilDiv(points, POINTS));
    List<Block> choice =
        Explained.each("embeddings-run", runs, run -> blocks(run, maps.get(run), every));
    if (choice.isEmpty()) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Block.Paragraph(
            "Each point is a sequence, placed by the mean of its embeddings over positions: those"
                + " of an encoder before training, and those that the fusion made of them."
                + " Principal components (PCA) keep distances as far as two dimensions can. UMAP"
                + " keeps neighbours together: distances between clusters, their sizes and the axes"
                + " mean nothing there."
                + (runs.size() > 1
                    ? " Maps of encoders that several runs have in common are with the first of"
                        + " them."
                    : "")
                + (every > 1
                    ? " One of %d sequences is shown; the tables of the explanation have all."
                        .formatted(every)
                    : "")));
    blocks.addAll(choice);
    return Optional.of(new Chapter("embeddings", "Embeddings", blocks));
  }

  /** What the fusion made first, and UMAP before PCA. */
  private static List<List<MapPoint>> maps(Explained run) {
    List<List<MapPoint>> maps = new ArrayList<>();
    List<MapPoint> all = run.explanation().map();
    List<String> modalities = Explained.distinct(all, MapPoint::modality);
    for (String modality : modalities.reversed()) {
      for (String method : Explained.distinct(all, MapPoint::method).reversed()) {
        List<MapPoint> points =
            all.stream()
                .filter(p -> p.modality().equals(modality) && p.method().equals(method))
                .toList();
        if (!points.isEmpty()) {
          maps.add(points);
        }
      }
    }
    return maps;
  }

  private static List<Block> blocks(Explained run, List<List<MapPoint>> maps, int every) {
    Map<String, List<Double>> targets = new HashMap<>();
    RunPredictions rows = run.run().predictions();
    // Other data may have other sequences of the same names.
    boolean own = run.explanation().summary().sha256().equals(run.run().origin().sha256());
    for (int row = 0; own && row < rows.ids().size(); row++) {
      int at = row;
      targets.put(rows.ids().get(row), rows.targets().stream().map(all -> all[at]).toList());
    }
    List<Block.Option> options = new ArrayList<>();
    for (List<MapPoint> map : maps) {
      List<MapPoint> points =
          IntStream.range(0, map.size()).filter(i -> i % every == 0).mapToObj(map::get).toList();
      MapPoint first = points.getFirst();
      String of =
          (first.modality().equals("fused") ? "after the fusion" : first.modality())
              + ", "
              + first.method().toUpperCase(Locale.ROOT);
      List<String> names = run.run().outputs().targets().stream().map(t -> t.name()).toList();
      for (int target = 0; target < names.size(); target++) {
        int index = target;
        List<MapPoint> known =
            points.stream()
                .filter(p -> targets.containsKey(p.id()))
                .filter(p -> Double.isFinite(targets.get(p.id()).get(index)))
                .toList();
        if (!known.isEmpty()) {
          String name = names.get(target);
          options.add(
              new Block.Option(
                  of + ", by " + name,
                  List.of(
                      new Block.Plot(
                          byTarget(
                              run,
                              names.size() == 1 ? "target" : "target-" + (index + 1),
                              name,
                              of,
                              known,
                              p -> targets.get(p.id()).get(index))))));
        }
      }
      options.add(
          new Block.Option(of + ", by split", List.of(new Block.Plot(bySplit(run, of, points)))));
    }
    return Explained.choice(run.id("embeddings"), "Map", options);
  }

  private static ScatterChart byTarget(
      Explained run,
      String part,
      String target,
      String of,
      List<MapPoint> points,
      ToDoubleFunction<MapPoint> value) {
    List<String> classes = run.run().outputs().classes();
    Caption caption =
        caption(run, points.getFirst(), of, part, target, " Colours are those of " + target + ".");
    if (!classes.isEmpty()) {
      List<Points> groups = new ArrayList<>();
      for (int c = 0; c < classes.size(); c++) {
        int wanted = c;
        groups.add(
            group(
                classes.get(c),
                c,
                points.stream().filter(p -> (int) value.applyAsDouble(p) == wanted).toList(),
                new double[0]));
      }
      return chart(run, caption, points.getFirst(), groups, Optional.empty());
    }
    double[] values = points.stream().mapToDouble(value).toArray();
    return chart(
        run,
        caption,
        points.getFirst(),
        List.of(group(target, 0, points, values)),
        Optional.of(
            new ColourScale(
                target,
                ColourScale.Kind.SEQUENTIAL,
                Explained.quantile(values, 1),
                Explained.quantile(values, 99))));
  }

  private static ScatterChart bySplit(Explained run, String of, List<MapPoint> points) {
    List<Points> groups = new ArrayList<>();
    for (String split : Explained.distinct(points, MapPoint::split)) {
      groups.add(
          group(
              split,
              Split.parse(split).map(SplitColours::of).orElse(0),
              points.stream().filter(p -> p.split().equals(split)).toList(),
              new double[0]));
    }
    return chart(
        run,
        caption(
            run,
            points.getFirst(),
            of,
            "split",
            "split",
            " Colours are those of the splits: islands of one split alone would be a warning."),
        points.getFirst(),
        groups,
        Optional.empty());
  }

  private static Caption caption(
      Explained run, MapPoint point, String of, String part, String colouring, String colours) {
    return new Caption(
        run.id("map", point.modality(), point.method(), "by", part),
        "Embeddings of " + run.name() + ", " + of + ", by " + colouring,
        (point.method().equals("umap")
                ? "Neighbours are alike; how far apart clusters are means nothing."
                : "The two directions in which the embeddings differ most.")
            + colours);
  }

  private static Points group(String name, int colour, List<MapPoint> points, double[] values) {
    return new Points(
        name,
        colour,
        points.stream().mapToDouble(MapPoint::x).toArray(),
        points.stream().mapToDouble(MapPoint::y).toArray(),
        points.stream().map(MapPoint::id).toList(),
        values);
  }

  private static ScatterChart chart(
      Explained run,
      Caption caption,
      MapPoint point,
      List<Points> groups,
      Optional<ColourScale> scale) {
    return new ScatterChart(
        caption,
        axis(run, point, 1),
        axis(run, point, 2),
        groups.stream().filter(g -> g.x().length > 0).toList(),
        Optional.empty(),
        scale);
  }

  private static Axis axis(Explained run, MapPoint point, int dimension) {
    String name =
        (point.method().equals("pca")
                ? "component "
                : point.method().toUpperCase(Locale.ROOT) + " ")
            + dimension;
    return Axis.of(
        run.explanation().mapAxes().stream()
            .filter(a -> a.method().equals(point.method()))
            .filter(a -> a.modality().equals(point.modality()) && a.dimension() == dimension)
            .map(MapAxis::explained)
            .findFirst()
            .map(e -> name + " (" + Numbers.count(Math.round(100 * e)) + " % of the variance)")
            .orElse(name));
  }
}

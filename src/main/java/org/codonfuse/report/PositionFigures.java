package org.codonfuse.report;

import static org.codonfuse.report.Explained.quantile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.codonfuse.explain.Explanation.CodonAttribution;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.explain.Explanation.PositionProfile;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.LineChart;
import org.codonfuse.report.chart.LineChart.Line;

/** Where in sequences predictions come from. */
final class PositionFigures {
  private static final int BINS = PositionProfile.BINS;
  private static final double[] X =
      IntStream.rangeClosed(1, BINS).mapToDouble(bin -> bin).toArray();

  private final Explained run;
  private final String output;

  PositionFigures(Explained run, String output) {
    this.run = run;
    this.output = output;
  }

  /** A tenth of a sequence. */
  private record Place(String id, int bin) {}

  List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    List<CodonAttribution> attributions =
        run.explanation().attributions().stream().filter(a -> a.output().equals(output)).toList();
    if (!attributions.isEmpty()) {
      blocks.add(new Block.Plot(attributed(attributions)));
    }
    List<Mutation> mutations =
        run.explanation().mutations().stream()
            .filter(m -> m.output().equals(output) && m.synonymous())
            .toList();
    if (!mutations.isEmpty() && !attributions.isEmpty()) {
      blocks.add(new Block.Plot(exchanged(mutations, lengths(attributions))));
    }
    return blocks;
  }

  private static Map<String, Integer> lengths(List<CodonAttribution> attributions) {
    Map<String, Integer> lengths = new HashMap<>();
    attributions.forEach(a -> lengths.merge(a.id(), a.position(), Math::max));
    return lengths;
  }

  private static int bin(int position, int length) {
    return PositionProfile.bin(position, length) - 1;
  }

  private LineChart attributed(List<CodonAttribution> attributions) {
    Map<String, Integer> lengths = lengths(attributions);
    List<Line> lines =
        run.modalities().stream()
            .map(
                modality ->
                    line(
                        modality,
                        Explained.colour(modality),
                        attributions.stream().filter(a -> a.modality().equals(modality)).toList(),
                        a -> bin(a.position(), lengths.get(a.id())),
                        CodonAttribution::id,
                        a -> Math.abs(a.attribution())))
            .toList();
    return new LineChart(
        new Caption(
            run.id("places", run.part(output)),
            "How much codons contribute to %s along the sequence in %s"
                .formatted(run.unit(output), run.name()),
            "Mean absolute attribution of a codon by tenths of the sequence: the median of the"
                + " sequences, with the band from the first to the third quartile. Signs are left"
                + " out, so it says where, not in which direction."),
        Axis.of("tenth of the sequence", 1, BINS),
        fromZero("|attribution| per codon, " + run.unit(output)),
        lines);
  }

  private LineChart exchanged(List<Mutation> mutations, Map<String, Integer> lengths) {
    return new LineChart(
        new Caption(
            run.id("exchange-places", run.part(output)),
            "How much synonymous exchanges change %s along the sequence in %s"
                .formatted(run.unit(output), run.name()),
            "Mean absolute change by an exchange, by tenths of the sequence: the median of %d"
                    .formatted(Explained.distinct(mutations, Mutation::id).size())
                + " sequences, with the band from the first to the third quartile."),
        Axis.of("tenth of the sequence", 1, BINS),
        fromZero("|change| of " + run.unit(output)),
        List.of(
            line(
                "synonymous exchanges",
                Explained.colour("fused"),
                mutations,
                m -> bin(m.position(), lengths.getOrDefault(m.id(), m.position())),
                Mutation::id,
                m -> Math.abs(m.change()))));
  }

  private static Axis fromZero(String name) {
    return new Axis(name, OptionalDouble.of(0), OptionalDouble.empty());
  }

  private static <T> Line line(
      String name,
      int colour,
      List<T> rows,
      ToIntFunction<T> bin,
      Function<T, String> id,
      ToDoubleFunction<T> value) {
    Map<Place, double[]> sums = new LinkedHashMap<>();
    for (T row : rows) {
      double[] sum =
          sums.computeIfAbsent(new Place(id.apply(row), bin.applyAsInt(row)), _ -> new double[2]);
      sum[0] += value.applyAsDouble(row);
      sum[1]++;
    }
    double[][] means = new double[BINS][];
    for (int b = 0; b < BINS; b++) {
      int wanted = b;
      means[b] =
          sums.entrySet().stream()
              .filter(e -> e.getKey().bin() == wanted)
              .mapToDouble(e -> e.getValue()[0] / e.getValue()[1])
              .toArray();
    }
    return new Line(name, colour, false, X, at(means, 50), at(means, 25), at(means, 75));
  }

  private static double[] at(double[][] means, double percent) {
    return IntStream.range(0, BINS).mapToDouble(b -> quantile(means[b], percent)).toArray();
  }
}

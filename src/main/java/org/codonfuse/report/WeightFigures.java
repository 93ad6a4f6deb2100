package org.codonfuse.report;

import static org.codonfuse.report.Explained.mean;
import static org.codonfuse.report.Explained.quantile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.codonfuse.explain.Explanation.ModalityWeight;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.BarChart;
import org.codonfuse.report.chart.BarChart.Bars;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.LineChart;
import org.codonfuse.report.chart.LineChart.Line;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.run.RunConfig;

/** The weights that gated fusions give to modalities. */
final class WeightFigures {
  private static final int BINS = 25;

  private final List<Explained> runs;

  WeightFigures(List<Explained> all) {
    runs = all.stream().filter(run -> !run.explanation().weights().isEmpty()).toList();
  }

  List<Block> blocks() {
    if (runs.isEmpty()) {
      return List.of();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Block.Subheading("Weights of the fusion"));
    blocks.add(
        new Block.Paragraph(
            "The weights α of a sequence sum to 1 over its modalities. Attention is not causation:"
                + " a modality with a large weight may carry nothing that the others do not, and"
                + " the head may ignore what it was given. Read them beside what the metric loses"
                + " and the shares of the attributions."
                + entropies()));
    if (runs.size() > 1 && runs.size() <= 6) {
      blocks.add(new Block.Plot(comparison()));
    }
    blocks.addAll(
        Explained.each(
            "weights-run",
            runs,
            run -> List.of(new Block.Plot(distribution(run)), new Block.Plot(splits(run)))));
    return blocks;
  }

  /** The regularisation of each, where there is any to tell apart. */
  private String entropies() {
    List<String> known =
        runs.stream()
            .<String>mapMulti(
                (run, texts) -> {
                  if (run.run().origin() instanceof Origin.Trained(RunConfig config)
                      && config.fusion() instanceof FusionConfig.Mil mil) {
                    texts.accept(run.name() + " with λ = " + Numbers.brief(mil.entropyWeight()));
                  }
                })
            .toList();
    return known.isEmpty()
        ? ""
        : " The entropy of the weights counted in the loss of "
            + String.join(", of ", known)
            + "; with λ = 0 nothing but the task decided on them.";
  }

  private BarChart comparison() {
    return ModalitySection.dots(
        new Caption(
            "weights-of-runs",
            "Weights of the runs beside one another",
            "Mean over all sequences; lines reach from the first to the third quartile."),
        Axis.of("weight α", 0, 1),
        runs,
        (run, modality) -> mean(values(run, modality, "")),
        (run, modality) -> quantile(values(run, modality, ""), 25),
        (run, modality) -> quantile(values(run, modality, ""), 75));
  }

  /** Of one split, or of all. */
  private static double[] values(Explained run, String modality, String split) {
    return run.explanation().weights().stream()
        .filter(weight -> weight.modality().equals(modality))
        .filter(weight -> split.isEmpty() || weight.split().equals(split))
        .mapToDouble(ModalityWeight::weight)
        .toArray();
  }

  private static LineChart distribution(Explained run) {
    double[] x = IntStream.range(0, BINS).mapToDouble(i -> (i + 0.5) / BINS).toArray();
    List<Line> lines =
        run.modalities().stream()
            .map(
                modality -> {
                  double[] shares = shares(values(run, modality, ""));
                  return new Line(
                      modality,
                      Explained.colour(modality),
                      false,
                      x,
                      shares,
                      new double[BINS],
                      shares);
                })
            .toList();
    return new LineChart(
        new Caption(
            run.id("weights"),
            "Weights of the modalities in " + run.name(),
            "How often a sequence has a weight, in steps of %s. A narrow peak says that the fusion treats all sequences alike."
                .formatted(Numbers.three(1.0 / BINS))),
        Axis.of("weight α", 0, 1),
        new Axis("part of the sequences", OptionalDouble.of(0), OptionalDouble.empty()),
        lines);
  }

  private static double[] shares(double[] values) {
    double[] counts = new double[BINS];
    for (double value : values) {
      counts[Math.clamp((int) (value * BINS), 0, BINS - 1)]++;
    }
    return Arrays.stream(counts).map(count -> count / Math.max(1, values.length)).toArray();
  }

  private static BarChart splits(Explained run) {
    List<String> splits = Explained.distinct(run.explanation().weights(), ModalityWeight::split);
    List<Bars> series = new ArrayList<>();
    for (int i = 0; i < splits.size(); i++) {
      String split = splits.get(i);
      series.add(
          new Bars(
              split,
              Split.parse(split).map(SplitColours::of).orElse(i),
              each(run, m -> mean(values(run, m, split))),
              each(run, m -> quantile(values(run, m, split), 25)),
              each(run, m -> quantile(values(run, m, split), 75))));
    }
    return new BarChart(
        new Caption(
            run.id("weights", "splits"),
            "Weights in " + run.name() + " by split",
            "Mean over the sequences of a split; lines reach from the first to the third quartile."
                + " Where training and test differ, the fusion may have learned weights of single"
                + " sequences by heart."),
        "modality",
        Axis.of("weight α", 0, 1),
        BarChart.Form.DOTS,
        run.modalities(),
        series);
  }

  private static double[] each(Explained run, ToDoubleFunction<String> value) {
    return run.modalities().stream().mapToDouble(value).toArray();
  }
}

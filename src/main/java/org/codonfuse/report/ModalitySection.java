package org.codonfuse.report;

import static org.codonfuse.report.Explained.mean;
import static org.codonfuse.report.Explained.quantile;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.codonfuse.explain.Explanation.Ablation;
import org.codonfuse.explain.Explanation.ModalityShare;
import org.codonfuse.explain.Explanation.ModalityWeight;
import org.codonfuse.report.DataTable.Cell;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.BarChart;
import org.codonfuse.report.chart.BarChart.Bars;
import org.codonfuse.report.chart.Caption;

/** What each modality is worth: ablations, shares of attributions and weights. */
final class ModalitySection implements Section {
  /** More would be a thicket; the table and the patterns across runs have them all. */
  private static final int MOST_RUNS = 6;

  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Explained> runs =
        Explained.of(data).stream().filter(run -> run.modalities().size() > 1).toList();
    if (runs.isEmpty()) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Block.Paragraph(
            "What a model loses where the embeddings of a modality are replaced by "
                + runs.getFirst().explanation().summary().baseline()
                + " is what this model needs of it; another one, trained without, might do as well."
                + " Shares of attributions say where the predictions of single sequences come from."
                + " Both exist for every fusion, so they can be compared among fusions."));
    blocks.add(new Block.Table(table(runs)));
    if (runs.size() <= MOST_RUNS) {
      Explained.distinct(runs, run -> run.run().outputs().headline())
          .forEach(metric -> blocks.addAll(ablations(metric, runs)));
      blocks.addAll(shares(runs));
    }
    blocks.addAll(new WeightFigures(runs).blocks());
    return Optional.of(new Chapter("modalities", "Modalities", blocks));
  }

  private static DataTable table(List<Explained> runs) {
    boolean weights = runs.stream().anyMatch(run -> !run.explanation().weights().isEmpty());
    List<String> columns =
        new ArrayList<>(List.of("Run", "Modality", "Metric", "Change without it"));
    columns.add("Share of attributions");
    if (weights) {
      columns.add("Weight α");
    }
    List<List<Cell>> rows = new ArrayList<>();
    for (Explained run : runs) {
      for (String modality : run.modalities()) {
        List<Cell> row = new ArrayList<>(List.of(Cell.text(run.name()), Cell.text(modality)));
        Optional<Ablation> ablation = ablation(run, modality);
        row.add(Cell.text(ablation.map(a -> MetricNames.of(a.metric())).orElse(Cell.NOTHING)));
        row.add(
            ablation
                .map(a -> withNote(a.change(), a.low(), a.high()))
                .orElse(Cell.number(Double.NaN)));
        row.add(spread(sharesOf(run, modality)));
        if (weights) {
          row.add(spread(weightsOf(run, modality)));
        }
        rows.add(row);
      }
    }
    return new DataTable(
        "modalities-table",
        "What a metric changes by without a modality, with the 95 % interval of the bootstrap, and"
            + " the mean share and weight of each, with the middle half of the sequences",
        columns,
        rows);
  }

  private static Cell withNote(double value, double low, double high) {
    Cell cell = Cell.number(value);
    return Double.isFinite(low + high)
        ? new Cell(
            cell.text(),
            "%s to %s".formatted(Numbers.three(low), Numbers.three(high)),
            cell.number())
        : cell;
  }

  private static Cell spread(double[] values) {
    return values.length == 0
        ? Cell.number(Double.NaN)
        : withNote(mean(values), quantile(values, 25), quantile(values, 75));
  }

  /** On the split that the run is measured by, or else the first there is. */
  private static Optional<Ablation> ablation(Explained run, String modality) {
    List<Ablation> all =
        run.explanation().ablations().stream().filter(a -> a.modality().equals(modality)).toList();
    return all.stream()
        .filter(a -> a.split().equals(run.run().measured().label()))
        .findFirst()
        .or(() -> all.stream().findFirst());
  }

  private static double[] sharesOf(Explained run, String modality) {
    return run.explanation().shares().stream()
        .filter(share -> share.modality().equals(modality))
        .mapToDouble(ModalityShare::share)
        .filter(Double::isFinite)
        .toArray();
  }

  private static double[] weightsOf(Explained run, String modality) {
    return run.explanation().weights().stream()
        .filter(weight -> weight.modality().equals(modality))
        .mapToDouble(ModalityWeight::weight)
        .toArray();
  }

  private static List<Block> ablations(String metric, List<Explained> all) {
    List<Explained> runs =
        all.stream()
            .filter(run -> run.run().outputs().headline().equals(metric))
            .filter(run -> !run.explanation().ablations().isEmpty())
            .toList();
    if (runs.isEmpty()) {
      return List.of();
    }
    ToDoubleBiFunction<Explained, String> low = (r, m) -> value(ablation(r, m), Ablation::low);
    ToDoubleBiFunction<Explained, String> high = (r, m) -> value(ablation(r, m), Ablation::high);
    return List.of(
        new Block.Plot(
            dots(
                new Caption(
                    Caption.id("modalities", "without", metric),
                    MetricNames.of(metric) + " without a modality",
                    "How much it changes where the embeddings of the modality are replaced; further"
                        + " to the left, the model needs it more. Lines are 95 % intervals of the"
                        + " bootstrap over sequences. Two modalities that say the same may each"
                        + " lose little."),
                Axis.of("change of " + MetricNames.of(metric)),
                runs,
                (r, m) -> value(ablation(r, m), Ablation::change),
                low,
                high)));
  }

  private static double value(Optional<Ablation> ablation, ToDoubleFunction<Ablation> of) {
    return ablation.stream().mapToDouble(of).findFirst().orElse(Double.NaN);
  }

  private static List<Block> shares(List<Explained> all) {
    List<Explained> runs =
        all.stream().filter(run -> !run.explanation().shares().isEmpty()).toList();
    if (runs.isEmpty()) {
      return List.of();
    }
    return List.of(
        new Block.Plot(
            dots(
                new Caption(
                    "modalities-shares",
                    "Shares of the attributions",
                    "The absolute attributions of a modality as a part of all, mean over sequences"
                        + " and outputs; lines reach from the first to the third quartile of the"
                        + " sequences. By "
                        + runs.getFirst().method()
                        + ". A share says how much moves the prediction, not whether it moves it"
                        + " rightly."),
                Axis.of("share of attributions", 0, 1),
                runs,
                (run, modality) -> mean(sharesOf(run, modality)),
                (run, modality) -> quantile(sharesOf(run, modality), 25),
                (run, modality) -> quantile(sharesOf(run, modality), 75))));
  }

  static BarChart dots(
      Caption caption,
      Axis axis,
      List<Explained> runs,
      ToDoubleBiFunction<Explained, String> value,
      ToDoubleBiFunction<Explained, String> low,
      ToDoubleBiFunction<Explained, String> high) {
    SequencedSet<String> modalities = new LinkedHashSet<>();
    runs.forEach(run -> modalities.addAll(run.modalities()));
    List<Bars> series = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Explained run = runs.get(i);
      series.add(
          new Bars(
              run.name(),
              i,
              modalities.stream().mapToDouble(m -> value.applyAsDouble(run, m)).toArray(),
              modalities.stream().mapToDouble(m -> low.applyAsDouble(run, m)).toArray(),
              modalities.stream().mapToDouble(m -> high.applyAsDouble(run, m)).toArray()));
    }
    return new BarChart(
        caption, "modality", axis, BarChart.Form.DOTS, List.copyOf(modalities), series);
  }
}

package org.codonfuse.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.codonfuse.explain.Explanation;
import org.codonfuse.report.chart.Caption;
import org.hipparchus.stat.descriptive.rank.Percentile;

/**
 * A run with its explanation.
 *
 * @param run the run
 * @param explanation what is known about it
 * @param key begins the ids of its figures, unlike that of every other run
 */
record Explained(ReportRun run, Explanation explanation, String key) {
  private static final List<String> MODALITIES = List.of("dna", "rna", "protein", "fused");

  /** Letters of a run's name in the names of its files. */
  private static final int LONGEST = 60;

  /** The runs that have an explanation. */
  static List<Explained> of(ReportData data) {
    Set<String> keys = new HashSet<>();
    List<Explained> explained = new ArrayList<>();
    for (ReportRun run : data.runs()) {
      String name = run.name().substring(0, Math.min(LONGEST, run.name().length()));
      String wanted = Caption.id("explained", name);
      String key = wanted;
      for (int n = 2; !keys.add(key); n++) {
        key = wanted + "-" + n;
      }
      if (run.explanation().isPresent()) {
        explained.add(new Explained(run, run.explanation().get(), key));
      }
    }
    return explained;
  }

  String name() {
    return run.name();
  }

  /** An id of a figure. */
  String id(String... words) {
    return key + "-" + Caption.id(words);
  }

  /** What tells the ids of an output from those of the others; nothing where there is one. */
  String part(String output) {
    return outputs().size() == 1 ? "" : "output-" + (1 + outputs().indexOf(output));
  }

  List<String> outputs() {
    return explanation.summary().outputs();
  }

  List<String> modalities() {
    return explanation.summary().modalities();
  }

  /** The method of the attributions and what they are relative to, in words. */
  String method() {
    String name =
        switch (explanation.summary().method()) {
          case "integrated-gradients" ->
              "integrated gradients (%d points or more)".formatted(explanation.summary().steps());
          case "gradient-input" -> "gradient × input";
          default -> explanation.summary().method();
        };
    return name + " relative to " + explanation.summary().baseline();
  }

  /** What an output is measured in: the logit of a class, or its target. */
  String unit(String output) {
    return run.outputs().classes().isEmpty() ? output : "logit of " + output;
  }

  /** The place of a modality in the palette, the same in all figures. */
  static int colour(String modality) {
    int known = MODALITIES.indexOf(modality);
    return known >= 0 ? known : MODALITIES.size() + Math.floorMod(modality.hashCode(), 3);
  }

  /**
   * Shows blocks for each run: of several, one at a time.
   *
   * @param id of the choice
   * @param blocks of a run; without any, it is left out
   */
  static List<Block> each(
      String id, List<Explained> runs, Function<Explained, List<Block>> blocks) {
    return choice(
        id,
        "Run",
        runs.stream().map(run -> new Block.Option(run.name(), blocks.apply(run))).toList());
  }

  /** Shows blocks for each output: of several, one at a time. */
  List<Block> eachOutput(String part, Function<String, List<Block>> blocks) {
    return choice(
        id(part, "output"),
        run.outputs().classes().isEmpty() ? "Target" : "Class",
        outputs().stream().map(name -> new Block.Option(name, blocks.apply(name))).toList());
  }

  /** A choice of what has blocks; without a choice, those. */
  static List<Block> choice(String id, String label, List<Block.Option> options) {
    List<Block.Option> full = options.stream().filter(o -> !o.blocks().isEmpty()).toList();
    return switch (full.size()) {
      case 0 -> List.of();
      case 1 -> full.getFirst().blocks();
      default -> List.of(new Block.Choice(id, label, full));
    };
  }

  static double mean(double[] values) {
    return finite(values).length == 0
        ? Double.NaN
        : Arrays.stream(finite(values)).average().orElseThrow();
  }

  /** A quantile of those values that are known; NaN without any. */
  static double quantile(double[] values, double percent) {
    double[] known = finite(values);
    return known.length == 0
        ? Double.NaN
        : new Percentile()
            .withEstimationType(Percentile.EstimationType.R_7)
            .evaluate(known, percent);
  }

  private static double[] finite(double[] values) {
    return Arrays.stream(values).filter(Double::isFinite).toArray();
  }

  /** Distinct, in the order in which they come. */
  static <T> List<String> distinct(List<T> rows, Function<T, String> name) {
    return rows.stream().map(name).distinct().toList();
  }
}

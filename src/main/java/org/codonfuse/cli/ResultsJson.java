package org.codonfuse.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.experiment.Results;
import org.codonfuse.experiment.RowResult;
import org.codonfuse.training.metrics.Interval;

/** The tables of an experiment as JSON. */
final class ResultsJson {
  private ResultsJson() {}

  /**
   * Models and comparisons; what is undefined is null.
   *
   * @param missing number of trainings that are not done
   */
  static Map<String, Object> of(Results results, long missing) {
    List<Object> models = new ArrayList<>();
    for (RowResult row : results.rows()) {
      Map<String, Object> model = new LinkedHashMap<>();
      model.put("data", row.data().name());
      model.put("model", row.row().name());
      model.put("runs", row.runs().size());
      model.put("mean", finite(row.mean()));
      model.put("sd", finite(row.deviation()));
      model.put("interval", row.interval().map(ResultsJson::interval).orElse(null));
      model.put("validation", finite(row.validation()));
      model.put("seconds", finite(row.seconds()));
      models.add(model);
    }
    List<Object> comparisons = new ArrayList<>();
    for (Results.Comparison comparison : results.comparisons()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("data", comparison.fused().data().name());
      entry.put("fusion", comparison.fused().row().name());
      entry.put("against", comparison.alone().row().name());
      entry.put("difference", finite(comparison.difference().value()));
      entry.put(
          "interval", comparison.difference().interval().map(ResultsJson::interval).orElse(null));
      entry.put("p", finite(comparison.difference().p()));
      entry.put("p_holm", finite(comparison.p()));
      entry.put("fusion_is", comparison.verdict());
      comparisons.add(entry);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("experiment", results.plan().name());
    map.put("missing", missing);
    map.put("models", models);
    map.put("comparisons", comparisons);
    return map;
  }

  private static List<Double> interval(Interval interval) {
    return List.of(interval.low(), interval.high());
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}

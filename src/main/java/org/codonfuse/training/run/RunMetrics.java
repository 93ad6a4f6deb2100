package org.codonfuse.training.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.metrics.Interval;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.metrics.MetricReport.Metric;

/** Reads what {@link MetricReport#toMap} has in the {@code metrics.json} of a run. */
public final class RunMetrics {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String INTERVAL = "_interval";
  private static final Set<String> NO_METRICS = Set.of("n", "targets");

  private RunMetrics() {}

  /**
   * The metrics of a run by split.
   *
   * @throws CodonfuseException if they cannot be read
   */
  public static Map<Split, MetricReport> read(Path run) {
    Path file = run.resolve(RunDirectory.METRICS);
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      if (!json.isObject() || json.isEmpty()) {
        throw damaged(file, "it has no metrics", null);
      }
      Map<Split, MetricReport> metrics = new EnumMap<>(Split.class);
      for (Map.Entry<String, JsonNode> entry : json.properties()) {
        Split split =
            Split.parse(entry.getKey())
                .orElseThrow(() -> damaged(file, "no split '" + entry.getKey() + "'", null));
        metrics.put(split, report(file, entry.getValue()));
      }
      return metrics;
    } catch (JacksonException e) {
      throw damaged(file, "it is not valid JSON", e);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }

  private static MetricReport report(Path file, JsonNode json) {
    if (!json.path("n").isInt()) {
      throw damaged(file, "it does not say of how many rows the metrics are", null);
    }
    Map<String, Metric> metrics = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      String name = entry.getKey();
      JsonNode value = entry.getValue();
      if (name.endsWith(INTERVAL) || NO_METRICS.contains(name)) {
        continue;
      }
      if (!value.isNumber() && !value.isNull()) {
        throw damaged(file, name + " is no number", null);
      }
      metrics.put(
          name,
          new Metric(
              value.asDouble(Double.NaN),
              json.has(name + INTERVAL),
              interval(json.path(name + INTERVAL))));
    }
    Map<String, MetricReport> targets = new LinkedHashMap<>();
    json.path("targets")
        .properties()
        .forEach(entry -> targets.put(entry.getKey(), report(file, entry.getValue())));
    return new MetricReport(json.path("n").intValue(), metrics, targets);
  }

  private static Optional<Interval> interval(JsonNode json) {
    return json.path(0).isNumber() && json.path(1).isNumber()
        ? Optional.of(new Interval(json.path(0).doubleValue(), json.path(1).doubleValue()))
        : Optional.empty();
  }

  private static CodonfuseException damaged(Path file, String reason, Throwable cause) {
    return new CodonfuseException(
        "%s: is damaged (%s); restore the file or train again.".formatted(file, reason), cause);
  }
}

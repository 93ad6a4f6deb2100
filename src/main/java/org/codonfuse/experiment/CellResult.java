package org.codonfuse.experiment;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.training.run.RunDirectory;

/**
 * A cell that is done.
 *
 * @param cell which one
 * @param run its directory
 * @param validation metrics by name as metrics.json has them; NaN where one is undefined
 * @param test likewise, with {@code _low} and {@code _high} of their intervals
 * @param bestEpoch of the training, where there was one
 * @param seconds that it took; NaN if the journal does not say
 */
public record CellResult(
    Cell cell,
    Path run,
    Map<String, Double> validation,
    Map<String, Double> test,
    OptionalInt bestEpoch,
    double seconds) {
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * Reads a run.
   *
   * @throws CodonfuseException if it is damaged
   */
  static CellResult read(Cell cell, Path run, double seconds) {
    JsonNode metrics = json(run.resolve(RunDirectory.METRICS));
    JsonNode epoch = json(run.resolve(RunDirectory.CONFIG)).path("best_epoch");
    return new CellResult(
        cell,
        run,
        numbers(metrics.path("validation")),
        numbers(metrics.path("test")),
        epoch.isInt() ? OptionalInt.of(epoch.intValue()) : OptionalInt.empty(),
        seconds);
  }

  private static JsonNode json(Path file) {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw new CodonfuseException(
          file + ": is damaged; remove the run and repeat the command.", e);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }

  private static Map<String, Double> numbers(JsonNode metrics) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : metrics.properties()) {
      String name = entry.getKey();
      JsonNode value = entry.getValue();
      if (name.endsWith("_interval")) {
        String metric = name.substring(0, name.length() - "_interval".length());
        numbers.put(metric + "_low", value.path(0).asDouble(Double.NaN));
        numbers.put(metric + "_high", value.path(1).asDouble(Double.NaN));
      } else if (value.isNumber() || value.isNull()) {
        numbers.put(name, value.asDouble(Double.NaN));
      }
    }
    return numbers;
  }

  /** The name of the metric that models are compared by. */
  public String headline() {
    return test.containsKey("spearman") ? "spearman" : "accuracy";
  }

  /** That metric of the test split. */
  public double testScore() {
    return test.getOrDefault(headline(), Double.NaN);
  }

  /** That metric of the validation split. */
  public double validationScore() {
    return validation.getOrDefault(headline(), Double.NaN);
  }
}

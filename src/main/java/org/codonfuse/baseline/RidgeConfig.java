package org.codonfuse.baseline;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Json;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.TargetConfig;

/**
 * {@code config.json} of a {@link RidgeBaseline}.
 *
 * @param baseline what it knows of a sequence, see {@link SequenceFeatures#NAMES}
 * @param codonfuse version of the program
 * @param task what is predicted
 * @param classes the classes by index, empty for regression
 * @param file the data
 * @param sha256 hash of their bytes
 * @param targets what is predicted; one for classes
 * @param penalty that was chosen
 * @param features the names of the features
 */
public record RidgeConfig(
    String baseline,
    String codonfuse,
    Task task,
    List<String> classes,
    String file,
    String sha256,
    List<TargetConfig> targets,
    double penalty,
    List<String> features) {
  private static final JsonMapper JSON = new JsonMapper();

  /** Whether a directory is that of such a baseline, which {@link #read} reads. */
  public static boolean isIn(Path run) {
    try {
      return JSON.readTree(Files.readAllBytes(run.resolve(RunDirectory.CONFIG))).has("baseline");
    } catch (IOException _) {
      return false;
    }
  }

  /**
   * Reads the configuration of a baseline.
   *
   * @throws CodonfuseException if it cannot be read
   */
  public static RidgeConfig read(Path run) {
    Path file = run.resolve(RunDirectory.CONFIG);
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      List<TargetConfig> targets = new ArrayList<>();
      for (JsonNode target : json.required("targets")) {
        targets.add(
            new TargetConfig(
                target.required("name").asText(),
                new TargetScale(
                    target.required("scale").required("mean").doubleValue(),
                    target.required("scale").required("deviation").doubleValue())));
      }
      return new RidgeConfig(
          json.required("baseline").asText(),
          json.required("codonfuse").asText(),
          task(json.required("task").asText()),
          texts(json.required("classes")),
          json.required("data").required("file").asText(),
          json.required("data").required("sha256").asText(),
          targets,
          json.required("penalty").doubleValue(),
          texts(json.required("features")));
    } catch (JacksonException e) {
      throw damaged(file, Json.reason(e), e);
    } catch (IllegalArgumentException e) {
      throw damaged(file, e.getMessage(), e);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }

  private static Task task(String label) {
    return Stream.of(Task.values())
        .filter(task -> task.label().equals(label))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no task '" + label + "'"));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static CodonfuseException damaged(Path file, String reason, Exception e) {
    return new CodonfuseException(
        "%s: is damaged (%s); restore the file or repeat the baseline.".formatted(file, reason), e);
  }

  /** The content of the file. */
  String toJson() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("baseline", baseline);
    config.put("codonfuse", codonfuse);
    config.put("task", task.label());
    config.put("classes", classes);
    config.put("data", Map.of("file", file, "sha256", sha256));
    config.put("targets", targets);
    config.put("penalty", penalty);
    config.put("features", features);
    return Json.pretty(config) + "\n";
  }
}

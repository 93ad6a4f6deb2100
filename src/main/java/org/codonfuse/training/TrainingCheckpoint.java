package org.codonfuse.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorContent;

/**
 * Files from which an interrupted training goes on, to end with every bit of the uninterrupted one.
 * {@code checkpoint.json} says where the training stands and names the files with its tensors; it
 * is replaced when those are complete, so that whatever moment the process ends in, there is one
 * whole checkpoint. Used by one thread of one process at a time.
 */
public final class TrainingCheckpoint {
  /** The file that there is if there is a checkpoint. */
  public static final String FILE = "checkpoint.json";

  /** How often one is worth its time: a large model's takes a second. */
  public static final Duration INTERVAL = Duration.ofSeconds(30);

  private static final int FORMAT = 1;
  private static final String STATE = "state-";
  private static final String BEST = "best-";
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private final Path directory;
  private final JsonNode training;
  private final long interval;
  private long saved = System.nanoTime();
  private int number;
  private String bestFile = "";
  private int bestEpoch;

  /**
   * {@code checkpoint.json}.
   *
   * @param format version of this file
   * @param training what is trained and how
   * @param number of checkpoints up to this one
   * @param state where it stands
   * @param steps the optimiser's
   * @param parameterSteps its steps by parameter
   * @param tensors file of the parameters and their moments
   * @param best file of the best epoch's parameters, empty if there is none
   */
  private record Content(
      int format,
      JsonNode training,
      int number,
      TrainingState.Snapshot state,
      long steps,
      Map<String, Long> parameterSteps,
      String tensors,
      String best) {}

  /**
   * @param directory where the files are, which exists
   * @param training all that decides the result, as JSON: a checkpoint of something else is refused
   * @param interval time between two checkpoints, or longer: they are made between steps
   */
  public TrainingCheckpoint(Path directory, String training, Duration interval) {
    this.directory = directory;
    try {
      this.training = JSON.readTree(training);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + training, e);
    }
    this.interval = interval.toNanos();
  }

  /** Whether there is one in a directory. */
  public static boolean isIn(Path directory) {
    return Files.isRegularFile(directory.resolve(FILE));
  }

  /** Removes it: there is nothing to go on with. */
  void discard() {
    try {
      Files.deleteIfExists(directory.resolve(FILE));
    } catch (IOException e) {
      throw AtomicFiles.unwritable(directory, e);
    }
    removeOthers(Set.of());
  }

  /**
   * Brings a training to where the checkpoint was made, if there is one.
   *
   * @throws CheckpointException if it is of another training, saying what differs, or damaged
   */
  void restore(
      TrainableBackend backend, Parameters parameters, Optimizer optimizer, TrainingState state) {
    if (!isIn(directory)) {
      return;
    }
    Path file = directory.resolve(FILE);
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      if (json.path("format").intValue() != FORMAT) {
        throw damaged(file, "another version of Codonfuse wrote it", null);
      }
      requireSame(json.path("training"));
      Content content = JSON.treeToValue(json, Content.class);
      restore(content, backend, parameters, optimizer);
      Optional<Map<String, float[]>> best = Optional.empty();
      if (!content.best.isEmpty()) {
        best = Optional.of(values(directory.resolve(content.best), parameters));
      }
      state.restore(content.state, best);
      number = content.number;
      bestFile = content.best;
      bestEpoch = content.state.best();
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw damaged(file, e.getMessage(), e);
    } catch (CheckpointException e) {
      throw e;
    } catch (CodonfuseException e) {
      // Of its tensors, which nobody can download again.
      throw damaged(file, withoutRemedy(e.getMessage()), e);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }

  private static String withoutRemedy(String message) {
    return message.replaceFirst("(; [^;]*)?\\.$", "");
  }

  private void requireSame(JsonNode earlier) {
    List<String> differences = TreeDifference.between(earlier, training);
    if (!differences.isEmpty()) {
      throw new CheckpointException(
          "%s: the training that was interrupted was another one (%s); train with its settings and"
                  .formatted(directory, String.join("; ", differences))
              + " data, or begin again with --overwrite instead of --resume.",
          null);
    }
  }

  private static CheckpointException damaged(Path file, String reason, Throwable cause) {
    return new CheckpointException(
        "%s: is not a checkpoint (%s); begin again with --overwrite instead of --resume."
            .formatted(file, reason),
        cause);
  }

  private void restore(
      Content content, TrainableBackend backend, Parameters parameters, Optimizer optimizer) {
    try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(content.tensors));
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      List<Optimizer.Moments> moments = new ArrayList<>();
      for (String name : parameters.names()) {
        Tensor parameter = parameters.get(name);
        Shape shape = parameter.shape();
        backend.assign(parameter, backend.tensor(file.floats(name), shape));
        moments.add(
            new Optimizer.Moments(
                content.parameterSteps.getOrDefault(name, 0L),
                backend.tensor(file.floats(first(name)), shape),
                backend.tensor(file.floats(second(name)), shape)));
      }
      optimizer.restore(content.steps, moments);
    }
  }

  private static Map<String, float[]> values(Path path, Parameters parameters) {
    Map<String, float[]> values = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (String name : parameters.names()) {
        values.put(name, file.floats(name));
      }
    }
    return values;
  }

  /** Saves where a training stands, if the last time is long enough ago. */
  void saveIfDue(
      TrainableBackend backend, Parameters parameters, Optimizer optimizer, TrainingState state) {
    if (System.nanoTime() - saved >= interval) {
      save(backend, parameters, optimizer, state);
      saved = System.nanoTime();
    }
  }

  /** Saves where a training stands. */
  void save(
      TrainableBackend backend, Parameters parameters, Optimizer optimizer, TrainingState state) {
    number++;
    TrainingState.Snapshot snapshot = state.snapshot();
    if (snapshot.best() != bestEpoch) {
      bestFile = BEST + number + ".safetensors";
      bestEpoch = snapshot.best();
      Map<String, Tensor> shapes = new LinkedHashMap<>();
      parameters.names().forEach(name -> shapes.put(name, parameters.get(name)));
      Map<String, TensorContent> best = new LinkedHashMap<>();
      state
          .bestValues()
          .orElseThrow()
          .forEach(
              (name, values) -> best.put(name, new Floats(shapes.get(name).shape(), () -> values)));
      SafetensorsWriter.write(directory.resolve(bestFile), best);
    }
    String tensors = STATE + number + ".safetensors";
    Map<String, Long> steps = new LinkedHashMap<>();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Map<String, TensorContent> content = new LinkedHashMap<>();
      List<String> names = parameters.names();
      for (int i = 0; i < names.size(); i++) {
        String name = names.get(i);
        Tensor parameter = parameters.get(name);
        Optimizer.Moments moments = optimizer.moments(i);
        steps.put(name, moments.steps());
        content.put(name, new Floats(parameter.shape(), parameter::toFloats));
        content.put(first(name), new Floats(parameter.shape(), moments.first()::toFloats));
        content.put(second(name), new Floats(parameter.shape(), moments.second()::toFloats));
      }
      SafetensorsWriter.write(directory.resolve(tensors), content);
    }
    Content content =
        new Content(
            FORMAT, training, number, snapshot, optimizer.steps(), steps, tensors, bestFile);
    try {
      AtomicFiles.writeString(directory.resolve(FILE), JSON.writeValueAsString(content) + "\n");
    } catch (JsonProcessingException e) {
      throw new AssertionError("records are always JSON", e);
    }
    removeOthers(Set.of(tensors, bestFile));
  }

  /** Removes tensors that no checkpoint names. */
  private void removeOthers(Set<String> named) {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if ((name.startsWith(STATE) || name.startsWith(BEST)) && !named.contains(name)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw AtomicFiles.unwritable(directory, e);
    }
  }

  private static String first(String parameter) {
    return parameter + ".adam.first";
  }

  private static String second(String parameter) {
    return parameter + ".adam.second";
  }
}

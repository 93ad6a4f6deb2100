package org.codonfuse.experiment;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.codonfuse.io.AtomicFiles;

/**
 * What happened in an experiment: a line of JSON per event, a file per process, so that processes
 * on several machines can write at once.
 */
final class Journal {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String SUFFIX = ".jsonl";

  private final Path file;

  /**
   * @param directory of all journals of the experiment
   */
  Journal(Path directory) {
    String time = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString().replace(':', '-');
    file = directory.resolve(time + "-" + ProcessHandle.current().pid() + SUFFIX);
  }

  void started(Cell cell) {
    write(cell, "started", Map.of());
  }

  void finished(Cell cell, double seconds) {
    write(cell, "finished", Map.of("seconds", seconds));
  }

  void failed(Cell cell, String message) {
    write(cell, "failed", Map.of("message", message));
  }

  private void write(Cell cell, String event, Map<String, Object> details) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", Instant.now().toString());
    line.put("cell", cell.id());
    line.put("event", event);
    line.putAll(details);
    try {
      Files.writeString(
          file,
          JSON.writeValueAsString(line) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(file, e);
    }
  }

  /** Seconds that finished cells took, by their id, of all processes. */
  static Map<String, Double> seconds(Path directory) {
    Map<String, Double> seconds = new HashMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path journal : files.filter(path -> path.toString().endsWith(SUFFIX)).toList()) {
        for (String line : Files.readAllLines(journal)) {
          JsonNode event = parsed(line);
          if (event.path("event").asText().equals("finished")) {
            seconds.put(event.path("cell").asText(), event.path("seconds").asDouble());
          }
        }
      }
    } catch (IOException e) {
      throw AtomicFiles.unreadable(directory, e);
    }
    return seconds;
  }

  /** A line that a killed process left half-written says nothing. */
  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (JacksonException _) {
      return JSON.createObjectNode();
    }
  }
}

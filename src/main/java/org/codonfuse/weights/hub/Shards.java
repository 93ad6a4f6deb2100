package org.codonfuse.weights.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/** The files that an index of sharded weights names. */
final class Shards {
  /** How the names of indices end. */
  static final String INDEX = ".index.json";

  private static final Pattern NAME = Pattern.compile("\\w[\\w.-]*");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Shards() {}

  /**
   * Reads the names, all of files beside the index.
   *
   * @throws CodonfuseException if it is no index, or names anything else
   */
  static SortedSet<String> of(Path index) {
    JsonNode weights;
    try {
      weights = JSON.readTree(Files.readAllBytes(index)).path("weight_map");
    } catch (JsonProcessingException e) {
      throw new CodonfuseException(index + ": is no JSON; remove it and pull the model again.", e);
    } catch (IOException e) {
      throw new CodonfuseException(
          index + ": cannot be read (" + AtomicFiles.reason(e) + "); pull the model again.", e);
    }
    SortedSet<String> shards = new TreeSet<>();
    for (JsonNode shard : weights) {
      if (!shard.isTextual() || !NAME.matcher(shard.textValue()).matches()) {
        throw new CodonfuseException(
            index + ": names a shard that is no file beside it; this repository cannot be used.");
      }
      shards.add(shard.textValue());
    }
    if (shards.isEmpty()) {
      throw new CodonfuseException(
          index + ": has no weight_map with shards; this repository cannot be used.");
    }
    return shards;
  }
}

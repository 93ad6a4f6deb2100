package org.codonfuse.weights;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.codonfuse.io.AtomicFiles;

/**
 * The index of a checkpoint in several files, as Hugging Face writes it.
 *
 * @param shards the name of the file with each tensor, by the tensor's name
 * @param totalBytes what all tensors take, if it says so
 */
record ShardIndex(Map<String, String> shards, OptionalLong totalBytes) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  static ShardIndex read(Path path) {
    JsonNode json;
    try {
      if (Files.size(path) > SafetensorsHeader.LONGEST) {
        throw SafetensorsHeader.damaged(path, "too long for an index of shards");
      }
      try (JsonParser parser = JSON.createParser(Files.readAllBytes(path))) {
        json = JSON.readTree(parser);
      }
    } catch (JacksonException e) {
      String reason = e.getOriginalMessage().lines().findFirst().orElse("");
      throw SafetensorsHeader.damaged(path, "no valid JSON (" + reason + ")");
    } catch (IOException e) {
      throw AtomicFiles.unreadable(path, e);
    }
    JsonNode map = json == null ? null : json.get("weight_map");
    if (map == null || !map.isObject() || map.isEmpty()) {
      throw SafetensorsHeader.damaged(path, "its weight_map is missing or empty");
    }
    Map<String, String> shards = new LinkedHashMap<>();
    map.properties()
        .forEach(
            entry -> shards.put(entry.getKey(), shard(path, entry.getKey(), entry.getValue())));
    JsonNode total = json.path("metadata").path("total_size");
    return new ShardIndex(
        shards,
        total.isIntegralNumber() ? OptionalLong.of(total.longValue()) : OptionalLong.empty());
  }

  /** A file beside the index and nowhere else. */
  private static String shard(Path path, String tensor, JsonNode value) {
    String name = value.asText();
    if (!value.isTextual()
        || name.isBlank()
        || name.startsWith(".")
        || name.chars().anyMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ')) {
      throw SafetensorsHeader.damaged(
          path,
          "tensor %s is said to be in %s, which is no file beside it"
              .formatted(Names.quoted(tensor), Names.quoted(name)));
    }
    return name;
  }
}

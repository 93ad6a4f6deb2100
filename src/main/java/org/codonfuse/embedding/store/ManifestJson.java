package org.codonfuse.embedding.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Json;

/** Manifests as text. */
final class ManifestJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .build();

  private static final List<String> NEEDED =
      List.of(
          "/model/id",
          "/model/sha256",
          "/molecule",
          "/tokenizer",
          "/layer",
          "/pooling",
          "/precision/computed",
          "/precision/stored",
          "/engine",
          "/long/policy",
          "/input/sha256",
          "/counts");

  private static final Set<DType> PRECISIONS =
      EnumSet.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16);

  /** As many as their names can number. */
  private static final long MOST_PARTS = 1_000_000_000;

  /** What may differ where the rows are the same. */
  private static final Set<String> IRRELEVANT = Set.of("format", "codonfuse", "complete", "counts");

  /** What decides a setting, for those that are named otherwise in the manifest. */
  private static final Map<String, String> OPTIONS =
      Map.of(
          "/molecule", "--molecule",
          "/layer", "--layer",
          "/pooling", "--pool",
          "/precision/computed", "--precision",
          "/precision/stored", "--store-as",
          "/long/policy", "--long",
          "/genetic_code", "--genetic-code",
          "/tokens_per_batch", "--tokens-per-batch",
          "/shard", "--shard");

  private ManifestJson() {}

  static String write(StoreManifest manifest) {
    try {
      return JSON.writeValueAsString(manifest) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError("records are always JSON", e);
    }
  }

  static Map<String, Object> toMap(StoreManifest manifest) {
    return JSON.convertValue(manifest, new TypeReference<>() {});
  }

  static StoreManifest read(Path file) {
    try {
      return read(file.toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }

  static StoreManifest read(String file, byte[] text) {
    try {
      JsonNode json = JSON.readTree(text);
      // First, because a newer format need not have the fields of this one.
      requireFormat(file, json);
      requireFields(file, json);
      return checked(file, JSON.readValue(text, StoreManifest.class));
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
      throw unusable(file + ":" + line, Json.reason(e), e);
    } catch (IOException e) {
      throw unusable(file, Json.reason(e), e);
    }
  }

  private static void requireFormat(String file, JsonNode json) {
    if (!json.path("format").isInt()) {
      throw unusable(file, "it has no format number", null);
    }
    int format = json.path("format").intValue();
    if (format != StoreManifest.FORMAT) {
      throw new CodonfuseException(
          file
              + ": format "
              + format
              + " where this version reads "
              + StoreManifest.FORMAT
              + "; use the version of Codonfuse that wrote the store ("
              + json.path("codonfuse").asText("unknown")
              + ").");
    }
  }

  private static void requireFields(String file, JsonNode json) {
    for (String pointer : NEEDED) {
      JsonNode value = json.at(pointer);
      if (value.isMissingNode() || value.isNull()) {
        String field = pointer.substring(1).replace('/', '.');
        throw unusable(file, "field '" + field + "' is missing", null);
      }
    }
  }

  private static StoreManifest checked(String file, StoreManifest manifest) {
    wrong(manifest)
        .ifPresent(
            wrong -> {
              throw unusable(file, wrong, null);
            });
    return manifest;
  }

  private static Optional<String> wrong(StoreManifest manifest) {
    StoreManifest.Precisions precision = manifest.precision();
    if (!PRECISIONS.contains(precision.computed()) || !PRECISIONS.contains(precision.stored())) {
      return Optional.of("rows are not computed or stored in that precision");
    }
    if (manifest.width() < 1) {
      return Optional.of("width " + manifest.width());
    }
    if (manifest.counts().values().stream().anyMatch(count -> count == null || count < 0)) {
      return Optional.of("field 'counts' has a wrong value");
    }
    if (manifest.isAligned() && !fits(manifest)) {
      return Optional.of("field 'streams' is incomplete or of another width");
    }
    if (manifest.count(StoreManifest.PARTS) > MOST_PARTS) {
      return Optional.of(manifest.count(StoreManifest.PARTS) + " parts");
    }
    return manifest
        .share()
        .filter(share -> share.index() < 1 || share.index() > share.count())
        .map(share -> "shard " + share);
  }

  private static boolean fits(StoreManifest manifest) {
    return manifest.streams().stream().allMatch(AlignedStream::isWhole)
        && manifest.streams().stream().mapToLong(AlignedStream::width).sum() == manifest.width();
  }

  private static CodonfuseException unusable(String place, String reason, Throwable cause) {
    return new CodonfuseException(
        place
            + ": not the manifest of an embedding store ("
            + reason
            + "); name a directory that 'codonfuse embed' wrote.",
        cause);
  }

  /**
   * @param has such as {@code the store has}
   */
  static List<String> differences(StoreManifest wanted, StoreManifest store, String has) {
    List<String> differences = new ArrayList<>();
    if (wanted.isAligned() || store.isAligned()) {
      if (!wanted.unnamedStreams().equals(store.unnamedStreams())) {
        differences.add(
            "the streams are %s where %s %s".formatted(streams(wanted), has, streams(store)));
      }
    } else if (!wanted.model().sha256().equals(store.model().sha256())) {
      differences.add(
          "the model is %s (%.8s) where %s %s (%.8s)"
              .formatted(
                  wanted.model().id(),
                  wanted.model().sha256(),
                  has,
                  store.model().id(),
                  store.model().sha256()));
    }
    if (!wanted.input().equals(store.input())) {
      differences.add(
          "the input is %d sequences where %s %d%s"
              .formatted(
                  wanted.input().sequences(),
                  has,
                  store.input().sequences(),
                  wanted.input().sequences() == store.input().sequences() ? " others" : ""));
    }
    compare("", comparable(wanted), comparable(store), has, differences);
    return differences;
  }

  private static String streams(StoreManifest manifest) {
    return manifest.isAligned()
        ? manifest.streams().stream()
            .map(AlignedStream::toString)
            .collect(Collectors.joining("; ", "[", "]"))
        : "of one encoder, " + manifest.model().id();
  }

  private static ObjectNode comparable(StoreManifest manifest) {
    ObjectNode json = JSON.valueToTree(manifest);
    json.remove(IRRELEVANT);
    json.remove(List.of("model", "input", "streams"));
    json.put("shard", manifest.share().map(Object::toString).orElse("1/1"));
    return json;
  }

  private static void compare(
      String pointer, JsonNode wanted, JsonNode store, String has, List<String> differences) {
    for (Map.Entry<String, JsonNode> field : wanted.properties()) {
      String here = pointer + "/" + field.getKey();
      JsonNode value = field.getValue();
      JsonNode other = store.path(field.getKey());
      if (value.isObject()) {
        compare(here, value, other, has, differences);
      } else if (!value.equals(other)) {
        String name = OPTIONS.getOrDefault(here, here.substring(1).replace('/', '.'));
        differences.add(
            "%s is %s where %s %s".formatted(name, value.asText(), has, other.asText("none")));
      }
    }
  }
}

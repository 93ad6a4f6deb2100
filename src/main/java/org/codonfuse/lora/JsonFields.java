package org.codonfuse.lora;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoublePredicate;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/** The fields of a JSON file, read strictly, and written as Python's {@code json} does. */
record JsonFields(Path file, JsonNode json) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final ObjectWriter PYTHON = JSON.writer(python());

  static JsonFields read(Path file) {
    try (var in = Files.newInputStream(file)) {
      JsonNode json = JSON.readTree(in);
      if (!json.isObject()) {
        throw new CodonfuseException(file + ": is no JSON object; save the adapter again.");
      }
      return new JsonFields(file, json);
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new CodonfuseException(
          file + ":" + line + ": not valid JSON; save the adapter again.", e);
    } catch (IOException e) {
      throw new CodonfuseException(
          "%s: cannot be read (%s); an adapter's directory holds %s and %s."
              .formatted(file, AtomicFiles.reason(e), LoraAdapter.CONFIG, LoraAdapter.WEIGHTS),
          e);
    }
  }

  /** One field; missing if it is null, as Python does not tell them apart. */
  JsonNode get(String field) {
    JsonNode node = json.path(field);
    return node.isNull() ? MissingNode.getInstance() : node;
  }

  /** The names of all fields. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Checks a field that has one value that is supported, which it may leave out. */
  void choice(String field, String only, String otherwise) {
    if (!get(field).asText(only).equals(only)) {
      throw new CodonfuseException(
          "%s: field '%s' is %s: %s.".formatted(file, field, get(field), otherwise));
    }
  }

  int count(String field) {
    JsonNode node = get(field);
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw unusable(field, "a whole number of at least 1");
    }
    return node.intValue();
  }

  double number(String field, String expected, DoublePredicate allowed) {
    JsonNode node = get(field);
    if (!node.isNumber()
        || !Double.isFinite(node.doubleValue())
        || !allowed.test(node.doubleValue())) {
      throw unusable(field, expected);
    }
    return node.doubleValue();
  }

  /** A field that is false where it is left out. */
  boolean flag(String field) {
    JsonNode node = get(field);
    if (!node.isMissingNode() && !node.isBoolean()) {
      throw unusable(field, "true or false");
    }
    return node.asBoolean(false);
  }

  Optional<String> text(String field) {
    return Optional.of(get(field)).filter(JsonNode::isTextual).map(JsonNode::asText);
  }

  CodonfuseException unusable(String field, String expected) {
    JsonNode node = get(field);
    return new CodonfuseException(
        "%s: field '%s' is %s and must be %s; save the adapter again."
            .formatted(file, field, node.isMissingNode() ? "missing" : node, expected));
  }

  /** Two spaces, a colon without a space before it, one item a line, nothing within empty ones. */
  private static DefaultPrettyPrinter python() {
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                .withObjectEmptySeparator("")
                .withArrayEmptySeparator(""));
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    printer.indentObjectsWith(lines);
    printer.indentArraysWith(lines);
    return printer;
  }

  /** Fields to be written, sorted by name. */
  static final class Writer {
    private final SortedMap<String, Object> fields = new TreeMap<>();

    /**
     * Sets a field.
     *
     * @param value a map, list, string, number, boolean or null
     */
    void put(String field, Object value) {
      fields.put(field, value);
    }

    void write(Path file) {
      try {
        AtomicFiles.writeString(file, PYTHON.writeValueAsString(fields));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("Maps, lists and scalars are JSON", e);
      }
    }
  }
}

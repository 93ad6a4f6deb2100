package org.codonfuse.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.io.AtomicFiles;

/**
 * The checked JSON header of a safetensors file.
 *
 * @param tensors by name, in the order of their data
 * @param metadata the {@code __metadata__} entry, empty without one
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {
  /**
   * A tensor and where it lies.
   *
   * @param begin offset of the first byte in the file's data section
   * @param end offset behind the last byte in the file's data section
   */
  record Entry(TensorInfo info, long begin, long end) {}

  /** Largest header in bytes that the format allows. */
  static final long LONGEST = 100_000_000;

  static final String METADATA = "__metadata__";

  /** The most dimensions that PyTorch and NumPy represent. */
  private static final int MOST_DIMENSIONS = 64;

  // Names come once each: a symbol table would only cost memory, and collide on hostile headers.
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  /**
   * Parses and checks a header.
   *
   * @param json the bytes between the header length and the data
   * @param dataBytes what the file holds behind them
   */
  static SafetensorsHeader parse(Path path, byte[] json, long dataBytes) {
    if (json.length == 0 || json[0] != '{') {
      throw damaged(path, "the header does not begin with '{'");
    }
    int end = json.length;
    while (json[end - 1] == ' ') {
      end--;
    }
    if (json[end - 1] != '}') {
      throw damaged(path, "the header does not end with '}' and padding spaces");
    }
    try (JsonParser parser = JSON.createParser(decode(path, json, end))) {
      return new Reader(path, parser).header(dataBytes);
    } catch (JsonProcessingException e) {
      throw damaged(
          path, "the header is no valid JSON (" + firstLine(e.getOriginalMessage()) + ")");
    } catch (IOException e) {
      throw AtomicFiles.unreadable(path, e);
    }
  }

  static CodonfuseException damaged(Path path, String what) {
    return new CodonfuseException(path + ": " + what + "; download it, or write it, again.");
  }

  private static String decode(Path path, byte[] json, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(json, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw damaged(path, "the header is not UTF-8 text");
    }
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("").strip();
  }

  private record Reader(Path path, JsonParser parser) {
    SafetensorsHeader header(long dataBytes) throws IOException {
      List<Entry> tensors = new ArrayList<>();
      Set<String> names = new HashSet<>();
      Map<String, String> metadata = Map.of();
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = text(parser.currentName());
        if (!names.add(name)) {
          throw damaged(path, "the header holds " + Names.quoted(name) + " twice");
        }
        if (name.equals(METADATA)) {
          metadata = metadata();
        } else {
          tensors.add(tensor(name));
        }
      }
      if (parser.nextToken() != null) {
        throw damaged(path, "the header goes on after its JSON object");
      }
      return new SafetensorsHeader(inOrder(tensors, dataBytes), metadata);
    }

    private Map<String, String> metadata() throws IOException {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw damaged(path, METADATA + " is not a JSON object");
      }
      Map<String, String> metadata = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = text(parser.currentName());
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw damaged(path, METADATA + " has no text for " + Names.quoted(key));
        }
        if (metadata.put(key, text(parser.getText())) != null) {
          throw damaged(path, METADATA + " holds " + Names.quoted(key) + " twice");
        }
      }
      return Collections.unmodifiableMap(metadata);
    }

    private Entry tensor(String name) throws IOException {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw damaged(name, "is not described by a JSON object");
      }
      StoredType type = null;
      Shape shape = null;
      long[] offsets = null;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        boolean twice =
            switch (field) {
              case "dtype" -> type != null;
              case "shape" -> shape != null;
              case "data_offsets" -> offsets != null;
              default -> throw damaged(name, "has the unknown field " + Names.quoted(field));
            };
        if (twice) {
          throw damaged(name, "has the field " + field + " twice");
        }
        switch (field) {
          case "dtype" -> type = type(name);
          case "shape" -> shape = shape(name);
          default -> offsets = integers(name, field, 2);
        }
      }
      if (type == null || shape == null || offsets == null) {
        throw damaged(name, "lacks its dtype, shape or data_offsets");
      }
      if (offsets.length != 2) {
        throw damaged(name, "does not have two data_offsets");
      }
      checkSize(name, type, shape, offsets);
      return new Entry(new TensorInfo(name, type, shape), offsets[0], offsets[1]);
    }

    private StoredType type(String name) throws IOException {
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw damaged(name, "has a dtype that is not text");
      }
      String label = parser.getText();
      return StoredType.of(label)
          .orElseThrow(
              () ->
                  new CodonfuseException(
                      "%s: tensor %s has the unknown dtype %s; convert it to one of %s."
                          .formatted(
                              path,
                              Names.quoted(name),
                              Names.quoted(label),
                              Arrays.toString(StoredType.values()))));
    }

    private Shape shape(String name) throws IOException {
      long[] dims = integers(name, "shape", MOST_DIMENSIONS);
      try {
        return Shape.of(dims);
      } catch (IllegalArgumentException e) {
        throw damaged(name, "has a shape of more than 2^63 - 1 elements");
      }
    }

    private long[] integers(String name, String field, int most) throws IOException {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw damaged(name, "has " + field + " that is not a list");
      }
      long[] values = new long[most];
      int size = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        // -0 is an integer to the JSON parser, but no size to any other reader of the format.
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
            || parser.getText().startsWith("-")
            || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
          throw damaged(name, "has " + field + " with something other than integers from 0");
        }
        if (size == most) {
          throw damaged(name, "has " + field + " with more than " + most + " numbers");
        }
        values[size++] = parser.getLongValue();
      }
      return Arrays.copyOf(values, size);
    }

    private void checkSize(String name, StoredType type, Shape shape, long[] offsets) {
      long stored = offsets[1] - offsets[0];
      if (stored < 0) {
        throw damaged(name, "ends before it begins: data_offsets " + Arrays.toString(offsets));
      }
      boolean fits = shape.size() <= Long.MAX_VALUE / type.bytes();
      if (!fits || shape.size() * type.bytes() != stored) {
        throw damaged(
            name,
            "has %d bytes by its data_offsets, but %s bytes by its shape %s of %s"
                .formatted(stored, fits ? shape.size() * type.bytes() : "over 2^63", shape, type));
      }
    }

    private Map<String, Entry> inOrder(List<Entry> tensors, long dataBytes) {
      tensors.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      Map<String, Entry> ordered = LinkedHashMap.newLinkedHashMap(tensors.size());
      long end = 0;
      for (Entry tensor : tensors) {
        if (tensor.begin() != end) {
          throw damaged(
              tensor.info().name(),
              "begins at byte %d of the data and leaves %s, for the one before ends at %d"
                  .formatted(tensor.begin(), tensor.begin() > end ? "a hole" : "an overlap", end));
        }
        end = tensor.end();
        ordered.put(tensor.info().name(), tensor);
      }
      if (end != dataBytes) {
        throw damaged(
            path,
            "the tensors take %d bytes, but the file has %d behind its header, so it is %s"
                .formatted(
                    end, dataBytes, end > dataBytes ? "truncated" : "longer than its header says"));
      }
      return Collections.unmodifiableMap(ordered);
    }

    /** Refuses the unpaired surrogates that JSON escapes can smuggle into text. */
    private String text(String text) {
      if (!Names.isUnicode(text)) {
        throw damaged(path, "the header has text that is not Unicode: " + Names.quoted(text));
      }
      return text;
    }

    private CodonfuseException damaged(String name, String what) {
      return SafetensorsHeader.damaged(path, "tensor " + Names.quoted(name) + " " + what);
    }

    private CodonfuseException damaged(Path path, String what) {
      return SafetensorsHeader.damaged(path, what);
    }
  }
}

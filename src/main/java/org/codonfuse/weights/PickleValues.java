package org.codonfuse.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values that a pickle can hold beside {@link Long}, {@link java.math.BigInteger}, {@link
 * Double}, {@link Boolean}, {@link String}, lists and {@link TorchGlobal}. They may contain
 * themselves, so nothing walks through them to the end: no equals, no hash codes, no text.
 */
final class PickleValues {
  private PickleValues() {}

  /** Python's {@code None}. */
  enum None {
    NONE
  }

  /** An immutable sequence. */
  static final class Tuple {
    private final List<Object> items;

    Tuple(List<Object> items) {
      this.items = items;
    }

    List<Object> items() {
      return items;
    }
  }

  /** A dictionary; entries whose keys are no text are dropped, for no tensor has such a name. */
  static final class Dictionary {
    /** What Python would make of it. */
    enum Kind {
      DICT,
      ORDERED_DICT,
      NAMESPACE
    }

    private final Kind kind;
    private final Map<String, Object> entries = new LinkedHashMap<>();

    Dictionary(Kind kind) {
      this.kind = kind;
    }

    Kind kind() {
      return kind;
    }

    Map<String, Object> entries() {
      return entries;
    }

    void put(Object key, Object value) {
      if (key instanceof String name) {
        entries.put(name, value);
      }
    }
  }
}

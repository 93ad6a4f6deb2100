package org.codonfuse.experiment;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.CodonfuseException;

/**
 * Keys with values in a YAML file.
 *
 * @param place the whole, for messages
 * @param keys the keys by their text
 * @param values the values by key, in order
 */
record YamlMap(YamlValue place, Map<String, YamlValue> keys, Map<String, YamlValue> values) {
  /**
   * Fails on a key that means nothing.
   *
   * @param where such as {@code a data set}
   * @throws CodonfuseException with the nearest key that does
   */
  YamlMap only(String where, List<String> known) {
    keys.forEach(
        (text, key) -> {
          if (!known.contains(text)) {
            throw key.wrong(YamlValue.unknown("key", text, " of " + where, known));
          }
        });
    return this;
  }

  Set<String> names() {
    return values.keySet();
  }

  Optional<YamlValue> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  Optional<String> text(String key) {
    return get(key).map(YamlValue::text);
  }

  /**
   * A value that must be there.
   *
   * @param what the sentence says it is
   */
  YamlValue require(String key, String what) {
    return get(key)
        .orElseThrow(() -> place.wrong("'%s' is missing; give %s.".formatted(key, what)));
  }

  /**
   * A word, or a map that has it under a key beside settings.
   *
   * @param key of the word
   * @param what it is, for messages
   * @param keys all that the map may have
   */
  static YamlMap named(YamlValue value, String key, String what, List<String> keys) {
    return value.isMap()
        ? value.map().only(what, keys)
        : new YamlMap(value, Map.of(), Map.of(key, value));
  }

  /** Fails on a setting that changes nothing. */
  void requireUsed(String key, boolean used, String name) {
    if (!used) {
      get(key)
          .ifPresent(
              value -> {
                throw value.wrong("%s changes nothing in %s; remove it.".formatted(key, name));
              });
    }
  }
}

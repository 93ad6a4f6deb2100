package org.codonfuse.cluster;

import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;

/** Variables of the environment, with the errors that name them; blank ones are not there. */
record Variables(Map<String, String> environment) {
  static final int LAST_PORT = 65_535;

  boolean has(String name) {
    return find(name).isPresent();
  }

  Optional<String> find(String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(s -> !s.isEmpty());
  }

  /** A text that must be there. */
  String text(String name, String because) {
    return find(name)
        .orElseThrow(
            () ->
                new CodonfuseException(
                    "%s is set but %s is not; set all of them, or none to run in one process."
                        .formatted(because, name)));
  }

  /** A whole number that must be there. */
  int number(String name, String because) {
    return parse(name, text(name, because));
  }

  /** A number that must be there, from 0 to below the value of another variable. */
  int below(int limit, String name, String ofLimit, String because) {
    int number = number(name, because);
    if (number < 0 || number >= limit) {
      throw new CodonfuseException(
          "%s=%d is not from 0 to %d, as %s=%d demands."
              .formatted(name, number, limit - 1, ofLimit, limit));
    }
    return number;
  }

  /** A number of processes that must be there. */
  int count(String name, String because) {
    int number = number(name, because);
    if (number < 1) {
      throw new CodonfuseException(name + "=" + number + " is no number of processes.");
    }
    return number;
  }

  /** A port, if it is given. */
  Optional<Integer> port(String name) {
    return find(name)
        .map(
            text -> {
              int port = parse(name, text);
              if (port < 1 || port > LAST_PORT) {
                throw new CodonfuseException(
                    "%s=%d is no port; choose one from 1024 to %d."
                        .formatted(name, port, LAST_PORT));
              }
              return port;
            });
  }

  private static int parse(String name, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new CodonfuseException(name + "=" + text + " is not a whole number.", e);
    }
  }
}

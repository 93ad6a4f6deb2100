package org.codonfuse.weights;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;

/** Names out of untrusted files as parts of a one-line message. */
final class Names {
  private static final int LONGEST = 120;
  private static final int MOST = 8;

  private Names() {}

  /** Whether the text is free of unpaired surrogates, which UTF-8 cannot represent. */
  static boolean isUnicode(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  static String quoted(String name) {
    String cut =
        name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "… (" + name.length() + ")";
    return "\"" + cut.replaceAll("[\\p{Cntrl}\\p{Cs}\\u2028\\u2029]", "?") + "\"";
  }

  /** For a tensor that a source does not hold. */
  static CodonfuseException missing(TensorSource source, String name) {
    return new CodonfuseException(
        "%s: no tensor %s; take one that it holds (%s), or another checkpoint."
            .formatted(
                source.path(),
                quoted(name),
                source.names().isEmpty() ? "none" : list(source.names())));
  }

  static String list(Collection<String> names) {
    String shown = names.stream().limit(MOST).map(Names::quoted).collect(Collectors.joining(", "));
    return names.size() <= MOST ? shown : shown + " and " + (names.size() - MOST) + " more";
  }
}

package org.codonfuse.report;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/** Small matters of wording. */
final class Texts {
  private Texts() {}

  /** With a capital letter. */
  static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  /** The last part of a path that may be of another machine. */
  static String fileName(String path) {
    try {
      Path name = Path.of(path).getFileName();
      return name == null ? path : name.toString();
    } catch (InvalidPathException _) {
      return path;
    }
  }
}

package org.codonfuse.sequence;

import java.util.Locale;

/** What is predicted: a number, or one of several classes. */
public enum Task {
  REGRESSION,
  CLASSIFICATION;

  /** The name in files and options: {@code regression}, {@code classification}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}

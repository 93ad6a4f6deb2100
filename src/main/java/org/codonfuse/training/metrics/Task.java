package org.codonfuse.training.metrics;

import java.util.Locale;

/** What is predicted. */
public enum Task {
  /** A number per row. */
  REGRESSION,
  /** One of several classes per row. */
  CLASSIFICATION;

  /** The name in options and results. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}

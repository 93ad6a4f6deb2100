package org.codonfuse.embedding.store;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;

/** Which rows a sequence has. */
public enum Pooling {
  /** One for every token that is not special. */
  NONE,
  /** One for every codon, stop included. */
  CODON,
  /** One for every window of six nucleotides. */
  WINDOW,
  /** Their mean over the tokens that are not special. */
  MEAN,
  /** That of the first token, which is special. */
  CLS,
  /** Their largest values over the tokens that are not special. */
  MAX;

  /** The name used in options and manifests. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a sequence has one row, whatever its length. */
  public boolean isOneRow() {
    return this == MEAN || this == CLS || this == MAX;
  }

  /**
   * The pooling of a label.
   *
   * @throws UsageException that lists the labels
   */
  public static Pooling of(String label) {
    return Arrays.stream(values())
        .filter(pooling -> pooling.label().equals(label.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "--pool "
                        + label
                        + " is unknown; give one of "
                        + Arrays.stream(values())
                            .map(Pooling::label)
                            .collect(Collectors.joining(", "))));
  }
}

package org.codonfuse.embedding;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;

/** What becomes of a sequence that the encoder cannot read whole. */
public enum LongPolicy {
  /** It is refused, before anything is computed. */
  ERROR,
  /** Only its beginning is read. */
  TRUNCATE,
  /**
   * It is read in windows as long as possible, of which neighbours share at least a quarter of
   * their tokens; the rows of shared tokens are averaged.
   */
  CHUNK;

  /** The name used in options and manifests. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The policy of a label.
   *
   * @throws UsageException that lists the labels
   */
  public static LongPolicy of(String label) {
    return Arrays.stream(values())
        .filter(policy -> policy.label().equals(label.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "--long "
                        + label
                        + " is unknown; give one of "
                        + Arrays.stream(values())
                            .map(LongPolicy::label)
                            .collect(Collectors.joining(", "))));
  }
}

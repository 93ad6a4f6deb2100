package org.codonfuse.sequence;

import java.util.Locale;
import java.util.Optional;

/** The part that an example plays in training. */
public enum Split {
  TRAIN,
  VALIDATION,
  TEST;

  /** The name in files and options: {@code train}, {@code validation}, {@code test}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads the names in use: train(ing), val, valid, validation, dev, test(ing), in any case. */
  public static Optional<Split> parse(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "train", "training" -> Optional.of(TRAIN);
      case "val", "valid", "validation", "dev" -> Optional.of(VALIDATION);
      case "test", "testing" -> Optional.of(TEST);
      default -> Optional.empty();
    };
  }
}

package org.codonfuse.baseline;

import java.util.List;
import java.util.Optional;
import org.codonfuse.sequence.CodingSequence;

/** Numbers that describe a sequence of any length. */
public sealed interface SequenceFeatures permits CodonUsage, KmerFrequencies, LengthAndGc {
  /** The names that {@code --model} takes. */
  List<String> NAMES = List.of(CodonUsage.NAME, KmerFrequencies.NAME, LengthAndGc.NAME);

  /**
   * Features by name.
   *
   * @param longestKmer length of the longest k-mers, where the features are their frequencies
   * @return empty for an unknown name
   */
  static Optional<SequenceFeatures> named(String name, int longestKmer) {
    return switch (name) {
      case CodonUsage.NAME -> Optional.of(new CodonUsage());
      case KmerFrequencies.NAME -> Optional.of(new KmerFrequencies(longestKmer));
      case LengthAndGc.NAME -> Optional.of(new LengthAndGc());
      default -> Optional.empty();
    };
  }

  /** Its name. */
  String name();

  /** The names of the features, in order. */
  List<String> columns();

  /** The features of a sequence, [columns]; always finite. */
  double[] of(CodingSequence sequence);
}

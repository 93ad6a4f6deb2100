package org.codonfuse.baseline;

import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;

/** Shares of the 64 codons among the unambiguous ones in frame 0. */
public record CodonUsage() implements SequenceFeatures {
  /** Its name. */
  public static final String NAME = "codon-usage";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> columns() {
    return IntStream.range(0, Codons.COUNT).mapToObj(Codons::letters).toList();
  }

  @Override
  public double[] of(CodingSequence sequence) {
    double[] counts = new double[Codons.COUNT];
    for (int i = 0; i < sequence.codons(); i++) {
      int codon = Codons.index(sequence.rna(), 3 * i);
      if (codon >= 0) {
        counts[codon]++;
      }
    }
    Shares.divide(counts, 0, counts.length);
    return counts;
  }
}

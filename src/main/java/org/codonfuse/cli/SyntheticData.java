package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.codonfuse.Seeds;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.sequence.GeneticCode;

/**
 * Coding sequences whose target is known by construction: the mean over their codons of a weight
 * per codon, plus noise. The weight has a part that its amino acid shares and a part of its own, so
 * that a protein model can learn some of it and a nucleotide model more.
 */
final class SyntheticData {
  private static final String BASES = "UCAG";
  private static final int SHORTEST = 20;
  private static final int LONGEST = 40;
  private static final double AMINO_ACID_PART = 0.4;
  private static final double CODON_PART = 1.0;
  private static final double NOISE = 0.06;

  private SyntheticData() {}

  /** Writes a CSV with the columns Id, Sequence, Value, Dataset and Split. */
  static void write(Path file, int sequences, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Codon> codons = codons(random);
    StringBuilder text = new StringBuilder("Id,Sequence,Value,Dataset,Split\n");
    for (int s = 0; s < sequences; s++) {
      String split = s % 20 < 14 ? "train" : s % 20 < 17 ? "val" : "test";
      text.append(
          String.format(
              Locale.ROOT, "s%04d,%s,synthetic,%s%n", s + 1, sequence(codons, random), split));
    }
    AtomicFiles.writeString(file, text);
  }

  /**
   * Writes other sequences, whose target is the same function, as a CSV with the columns Id,
   * Sequence and Value.
   *
   * @param seed what {@link #write} was given
   */
  static void writeNew(Path file, int sequences, long seed) {
    List<Codon> codons = codons(new SplittableRandom(seed));
    SplittableRandom random = new SplittableRandom(Seeds.mix(seed, 1));
    StringBuilder text = new StringBuilder("Id,Sequence,Value\n");
    for (int s = 0; s < sequences; s++) {
      text.append(String.format(Locale.ROOT, "n%04d,%s%n", s + 1, sequence(codons, random)));
    }
    AtomicFiles.writeString(file, text);
  }

  /**
   * A codon and what it adds to the target.
   *
   * @param letters RNA
   * @param weight per share of the codons
   */
  record Codon(String letters, double weight) {}

  /** All but the stops, with the weights that {@link #write} gives them for a seed. */
  static List<Codon> codons(SplittableRandom random) {
    GeneticCode code = GeneticCode.standard();
    double[] aminoAcidWeights = new double[128];
    for (int i = 0; i < aminoAcidWeights.length; i++) {
      aminoAcidWeights[i] = AMINO_ACID_PART * random.nextGaussian();
    }
    List<Codon> codons = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      if (code.translate(i) != GeneticCode.STOP) {
        codons.add(
            new Codon(
                "" + BASES.charAt(i / 16) + BASES.charAt(i / 4 % 4) + BASES.charAt(i % 4),
                aminoAcidWeights[code.translate(i)] + CODON_PART * random.nextGaussian()));
      }
    }
    return codons;
  }

  /** A sequence and its target, as cells. */
  private static String sequence(List<Codon> codons, SplittableRandom random) {
    int length = random.nextInt(SHORTEST, LONGEST + 1);
    StringBuilder sequence = new StringBuilder("AUG");
    double sum = 0;
    for (int c = 1; c < length - 1; c++) {
      Codon codon = codons.get(random.nextInt(codons.size()));
      sequence.append(codon.letters());
      sum += codon.weight();
    }
    double value = sum / (length - 2) + NOISE * random.nextGaussian();
    return String.format(Locale.ROOT, "%sUAA,%.5f", sequence, value);
  }
}

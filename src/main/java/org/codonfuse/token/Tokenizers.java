package org.codonfuse.token;

import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Molecule;

/** Finds the tokenizer that belongs to a vocabulary. */
public final class Tokenizers {
  // Amino acids that are no nucleotide codes. RNA vocabularies in circulation also have X, I and *.
  private static final String PROTEIN_ONLY = "LEFPQ";

  private Tokenizers() {}

  /**
   * The tokenizer of a model that reads {@code molecule}.
   *
   * @throws CodonfuseException if the vocabulary is of another molecule or lacks a token
   */
  public static Tokenizer forVocabulary(Vocabulary vocabulary, Molecule molecule) {
    Molecule detected = detect(vocabulary);
    if (detected != molecule) {
      throw new CodonfuseException(
          vocabulary.source()
              + ": is the vocabulary of a model of "
              + name(detected)
              + "; give the directory of a model of "
              + name(molecule)
              + ".");
    }
    return switch (molecule) {
      case DNA -> new KmerTokenizer(vocabulary);
      case RNA -> new NucleotideTokenizer(vocabulary);
      case PROTEIN -> new ResidueTokenizer(vocabulary);
    };
  }

  /**
   * The molecule that a vocabulary spells: k-mers are DNA, amino acids protein, single nucleotides
   * with U are RNA.
   *
   * @throws CodonfuseException if it is none of them
   */
  public static Molecule detect(Vocabulary vocabulary) {
    if (KmerTokenizer.longest(vocabulary) > 1) {
      return Molecule.DNA;
    }
    if (PROTEIN_ONLY.chars().allMatch(c -> vocabulary.contains(Character.toString(c)))) {
      return Molecule.PROTEIN;
    }
    if (vocabulary.contains("U") && vocabulary.contains("A")) {
      return Molecule.RNA;
    }
    throw new CodonfuseException(
        vocabulary.source()
            + ": has neither k-mers of DNA nor amino acids nor the nucleotides of RNA; give the"
            + " vocab.txt of a Nucleotide Transformer, ESM-2 or RNA-FM model.");
  }

  private static String name(Molecule molecule) {
    return molecule == Molecule.PROTEIN ? molecule.label() : molecule.name();
  }
}

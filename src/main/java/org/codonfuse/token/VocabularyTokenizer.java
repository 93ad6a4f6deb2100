package org.codonfuse.token;

import org.codonfuse.sequence.Molecule;

/** What all tokenizers have: a molecule, its vocabulary and how many tokens frame it. */
abstract sealed class VocabularyTokenizer implements Tokenizer
    permits KmerTokenizer, NucleotideTokenizer, ResidueTokenizer {
  private final Molecule molecule;
  private final Vocabulary vocabulary;
  private final SpecialTokens special;
  private final int added;

  VocabularyTokenizer(Molecule molecule, Vocabulary vocabulary, int added) {
    this.molecule = molecule;
    this.vocabulary = vocabulary;
    this.special = SpecialTokens.of(vocabulary);
    this.added = added;
  }

  @Override
  public final Molecule molecule() {
    return molecule;
  }

  @Override
  public final Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public final SpecialTokens special() {
    return special;
  }

  @Override
  public final int added() {
    return added;
  }
}

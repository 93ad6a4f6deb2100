package org.codonfuse.token;

import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Molecule;

/**
 * The protein tokenizer of ESM-2: {@code <cls>}, one token per residue, {@code <eos>}; residue i
 * stands for the nucleotides [3i, 3i+3).
 *
 * <p>What the model does not know (stops, J) is one {@code <unk>} per residue. The reference makes
 * one {@code <unk>} of a run of them, which would shift every codon after it. It also never sees a
 * terminal stop; here it stays, as one {@code <unk>}: proteins are derived from an mRNA, and
 * without it the last codon would have no token and could not be aligned with DNA and RNA.
 */
public final class ResidueTokenizer extends VocabularyTokenizer {
  private static final String AMINO_ACIDS = "LAGVSERTIDPKQNFYMHWC";

  private final int eos;
  // By upper-case letter; the id of <unk> where the vocabulary has none.
  private final int[] letters = new int[128];

  /**
   * @throws CodonfuseException if an amino acid or a special token is missing
   */
  ResidueTokenizer(Vocabulary vocabulary) {
    super(Molecule.PROTEIN, vocabulary, 2);
    this.eos = vocabulary.require("<eos>");
    AMINO_ACIDS.chars().forEach(residue -> vocabulary.require(Character.toString(residue)));
    for (int c = 0; c < letters.length; c++) {
      letters[c] = vocabulary.id(Character.toString(c)).orElse(special().unk());
    }
  }

  @Override
  public Tokens tokenize(String protein) {
    var tokens = new TokensBuilder(special(), protein.length());
    tokens.addSpecial(special().cls());
    for (int i = 0; i < protein.length(); i++) {
      char letter = Letters.upper(protein.charAt(i));
      if (letter != protein.charAt(i)) {
        tokens.normalised();
      }
      int id = letter < letters.length ? letters[letter] : special().unk();
      tokens.add(id, 3 * i, 3 * i + 3);
    }
    tokens.addSpecial(eos);
    return tokens.build();
  }
}

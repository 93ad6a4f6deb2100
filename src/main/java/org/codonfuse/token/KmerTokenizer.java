package org.codonfuse.token;

import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Molecule;

/**
 * The DNA tokenizer of the Nucleotide Transformer: {@code <cls>}, then k-mers (k = 6) from the
 * left. What is left at the end, or before an N, becomes single nucleotides; after an N the k-mers
 * start anew. Ambiguous nucleotides other than N are read as N and counted.
 */
public final class KmerTokenizer extends VocabularyTokenizer {
  private static final String BASES = "ATCG";
  private static final int LONGEST = 12;

  private final int k;
  // Ids by base-4 number, most significant base first, A 0, T 1, C 2, G 3.
  private final int[] kmers;
  private final int[] bases = new int[4];
  private final int any;

  /**
   * @throws CodonfuseException if a k-mer, a nucleotide or a special token is missing
   */
  KmerTokenizer(Vocabulary vocabulary) {
    super(Molecule.DNA, vocabulary, 1);
    this.k = longest(vocabulary);
    this.any = vocabulary.require("N");
    if (k > LONGEST) {
      throw new CodonfuseException(
          vocabulary.source()
              + ": has k-mers of "
              + k
              + " nt, more than the "
              + LONGEST
              + " of any known model; get the vocabulary of the model again.");
    }
    for (int base = 0; base < 4; base++) {
      bases[base] = vocabulary.require(BASES.substring(base, base + 1));
    }
    this.kmers = new int[1 << (2 * k)];
    for (int number = 0; number < kmers.length; number++) {
      kmers[number] = vocabulary.require(spell(number));
    }
  }

  /** The length of the longest token of A, C, G and T, 0 if there is none. */
  static int longest(Vocabulary vocabulary) {
    return vocabulary.tokens().stream()
        .filter(token -> token.chars().allMatch(c -> BASES.indexOf(c) >= 0))
        .mapToInt(String::length)
        .max()
        .orElse(0);
  }

  @Override
  public Tokens tokenize(String dna) {
    var tokens = new TokensBuilder(special(), dna.length());
    tokens.addSpecial(special().cls());
    int begin = 0;
    int number = 0;
    for (int i = 0; i < dna.length(); i++) {
      char letter = Letters.nucleotide(dna.charAt(i), 'T');
      if (letter != dna.charAt(i)) {
        tokens.normalised();
      }
      int base = BASES.indexOf(letter);
      if (base < 0) {
        singles(tokens, number, begin, i);
        tokens.add(other(tokens, letter), i, i + 1);
        begin = i + 1;
        number = 0;
      } else {
        number = 4 * number + base;
        if (i + 1 - begin == k) {
          tokens.add(kmers[number], begin, i + 1);
          begin = i + 1;
          number = 0;
        }
      }
    }
    singles(tokens, number, begin, dna.length());
    return tokens.build();
  }

  private void singles(TokensBuilder tokens, int number, int begin, int end) {
    for (int i = begin; i < end; i++) {
      tokens.add(bases[(number >> (2 * (end - 1 - i))) & 3], i, i + 1);
    }
  }

  private int other(TokensBuilder tokens, char letter) {
    if (Letters.isAmbiguous(letter)) {
      tokens.replaced();
      return any;
    }
    return letter == 'N' ? any : special().unk();
  }

  private String spell(int number) {
    var kmer = new StringBuilder(k);
    for (int shift = 2 * (k - 1); shift >= 0; shift -= 2) {
      kmer.append(BASES.charAt((number >> shift) & 3));
    }
    return kmer.toString();
  }
}

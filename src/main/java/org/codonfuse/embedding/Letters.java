package org.codonfuse.embedding;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.token.Tokenizer;
import org.codonfuse.token.Tokenizers;
import org.codonfuse.token.Tokens;
import org.codonfuse.token.Vocabulary;
import org.codonfuse.weights.Sha256;

/**
 * A sequence as an encoder of one molecule sees it.
 *
 * @param molecule what the encoder reads
 * @param code translates for proteins
 * @param tokenizer which nucleotides a token stands for does not depend on the model's ids: the
 *     published vocabulary of the molecule will do
 */
record Letters(Molecule molecule, GeneticCode code, Tokenizer tokenizer) {
  static Letters of(Molecule molecule, GeneticCode code) {
    EncoderFamily family =
        Arrays.stream(EncoderFamily.values())
            .filter(candidate -> candidate.molecule() == molecule)
            .findFirst()
            .orElseThrow();
    Vocabulary vocabulary = Vocabulary.of(Path.of(family.name()), family.vocabulary());
    return new Letters(molecule, code, Tokenizers.forVocabulary(vocabulary, molecule));
  }

  /** What stores know a sequence by. */
  String sha256(CodingSequence sequence) {
    return Sha256.of(sequence.as(molecule, code));
  }

  /** Its tokens without the special ones. */
  Tokens tokens(CodingSequence sequence) {
    Tokens tokens = tokenizer.tokenize(sequence.as(molecule, code));
    return tokens.select(
        IntStream.range(0, tokens.length()).filter(t -> !tokens.special(t)).toArray());
  }
}

package org.codonfuse.encoder;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.token.SpecialTokens;
import org.codonfuse.token.Tokenizer;
import org.codonfuse.token.Tokenizers;
import org.codonfuse.token.Vocabulary;
import org.codonfuse.weights.Sha256;

/** What a model directory says beside the weights, checked to belong together. */
record EncoderDescription(EncoderConfig config, Vocabulary vocabulary, Tokenizer tokenizer) {
  static final String CONFIG = "config.json";
  static final String VOCABULARY = "vocab.txt";

  /** The files that it is read from. */
  static List<Path> files(Path directory) {
    return List.of(directory.resolve(CONFIG), directory.resolve(VOCABULARY));
  }

  /** What identifies an encoder's files: a hash over theirs, which come in a fixed order. */
  static String fingerprint(Collection<String> hashes) {
    return Sha256.of(String.join(" ", hashes));
  }

  /**
   * Reads {@code config.json} and {@code vocab.txt}.
   *
   * @throws CodonfuseException that names the file and what is wrong with it
   */
  static EncoderDescription read(Path directory) {
    EncoderConfig config = EncoderConfig.read(directory.resolve(CONFIG));
    Path file = directory.resolve(VOCABULARY);
    Vocabulary vocabulary = Vocabulary.read(file);
    if (vocabulary.size() > config.vocabularySize()) {
      throw new CodonfuseException(
          file
              + ": "
              + vocabulary.size()
              + " tokens where config.json has vocab_size "
              + config.vocabularySize()
              + "; the two belong to different models.");
    }
    Tokenizer tokenizer = Tokenizers.forVocabulary(vocabulary, Tokenizers.detect(vocabulary));
    SpecialTokens special = tokenizer.special();
    if (special.pad() != config.padId() || special.mask() != config.maskId()) {
      throw new CodonfuseException(
          directory
              + ": config.json has pad_token_id "
              + config.padId()
              + " and mask_token_id "
              + config.maskId()
              + " where vocab.txt has "
              + special.pad()
              + " and "
              + special.mask()
              + "; the two belong to different models.");
    }
    return new EncoderDescription(config, vocabulary, tokenizer);
  }

  /** Longest mRNA that an encoder reads, in nucleotides, if none of it is ambiguous. */
  static int maxNucleotides(EncoderConfig config, Tokenizer tokenizer) {
    int tokens = config.maxTokens() - tokenizer.added();
    return switch (tokenizer.molecule()) {
      case RNA -> tokens;
      case PROTEIN -> Math.multiplyExact(3, tokens);
      case DNA -> Math.multiplyExact(6, tokens);
    };
  }
}

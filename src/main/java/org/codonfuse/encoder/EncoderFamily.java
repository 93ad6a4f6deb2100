package org.codonfuse.encoder;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Molecule;

/** The families of published encoders, with what all their sizes have in common. */
public enum EncoderFamily {
  /** Nucleotide Transformer v2: DNA, 6-mers, rotary, gated SiLU. */
  NUCLEOTIDE_TRANSFORMER_V2(Molecule.DNA),
  /** RNA-FM: single nucleotides, learned positions, GELU. */
  RNA_FM(Molecule.RNA),
  /** ESM-2: amino acids, rotary, GELU, token dropout. */
  ESM2(Molecule.PROTEIN);

  private static final double ESM_EPSILON = 1e-5;
  private static final double NUCLEOTIDE_TRANSFORMER_EPSILON = 1e-12;

  private final Molecule molecule;

  EncoderFamily(Molecule molecule) {
    this.molecule = molecule;
  }

  /** What its encoders read. */
  public Molecule molecule() {
    return molecule;
  }

  /** The family whose encoders read a molecule. */
  static EncoderFamily of(Molecule molecule) {
    return Arrays.stream(values())
        .filter(family -> family.molecule == molecule)
        .findFirst()
        .orElseThrow();
  }

  /**
   * The family of a configuration, told by its vocabulary.
   *
   * @param file that it was read from, for messages
   * @throws CodonfuseException if no family has such a vocabulary
   */
  public static EncoderFamily of(EncoderConfig config, Path file) {
    return Arrays.stream(values())
        .filter(
            family -> {
              List<String> vocabulary = family.vocabulary();
              return vocabulary.size() == config.vocabularySize()
                  && vocabulary.indexOf("<pad>") == config.padId()
                  && vocabulary.indexOf("<mask>") == config.maskId();
            })
        .findFirst()
        .orElseThrow(
            () ->
                new CodonfuseException(
                    "%s: vocab_size %d, pad_token_id %d and mask_token_id %d are those of no family;"
                            .formatted(
                                file, config.vocabularySize(), config.padId(), config.maskId())
                        + " those of ESM-2 are 33, 1 and 32, of Nucleotide Transformer v2 4107, 1"
                        + " and 2, of RNA-FM 25, 1 and 24."));
  }

  /** The name in results, such as {@code Nucleotide Transformer v2}. */
  public String label() {
    return switch (this) {
      case NUCLEOTIDE_TRANSFORMER_V2 -> "Nucleotide Transformer v2";
      case RNA_FM -> "RNA-FM";
      case ESM2 -> "ESM-2";
    };
  }

  /** The published vocabulary, in the order of the ids. */
  public List<String> vocabulary() {
    return switch (this) {
      case NUCLEOTIDE_TRANSFORMER_V2 -> {
        List<String> tokens =
            new ArrayList<>(List.of("<unk>", "<pad>", "<mask>", "<cls>", "<eos>", "<bos>"));
        addKmers(tokens, "", 6);
        tokens.addAll(List.of("A", "T", "C", "G", "N"));
        yield tokens;
      }
      case RNA_FM ->
          words(
              "<cls> <pad> <eos> <unk> A C G U R Y K M S W B D H V N - <null_1> <null_2> <null_3>"
                  + " <null_4> <mask>");
      case ESM2 ->
          words(
              "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H W C X B U Z O . -"
                  + " <null_1> <mask>");
    };
  }

  /**
   * The configuration of an encoder of this family.
   *
   * @param hiddenSize width of the hidden states
   * @param layers number of layers
   * @param heads number of attention heads
   * @param intermediateSize width inside the feed-forward network
   */
  public EncoderConfig config(int hiddenSize, int layers, int heads, int intermediateSize) {
    List<String> vocabulary = vocabulary();
    boolean dna = this == NUCLEOTIDE_TRANSFORMER_V2;
    boolean rna = this == RNA_FM;
    return new EncoderConfig(
        rna ? "rnafm" : "esm",
        hiddenSize,
        layers,
        heads,
        intermediateSize,
        vocabulary.size(),
        vocabulary.indexOf("<pad>"),
        vocabulary.indexOf("<mask>"),
        dna ? 2050 : 1026,
        dna ? NUCLEOTIDE_TRANSFORMER_EPSILON : ESM_EPSILON,
        !rna,
        rna,
        this == ESM2,
        dna,
        !dna);
  }

  private static void addKmers(List<String> tokens, String prefix, int letters) {
    if (letters == 0) {
      tokens.add(prefix);
      return;
    }
    for (String letter : List.of("A", "T", "C", "G")) {
      addKmers(tokens, prefix + letter, letters - 1);
    }
  }

  private static List<String> words(String text) {
    return List.of(text.split(" "));
  }
}

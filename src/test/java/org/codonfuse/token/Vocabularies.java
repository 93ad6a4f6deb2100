package org.codonfuse.token;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The vocabularies of the three published models. */
public final class Vocabularies {
  private Vocabularies() {}

  public static Vocabulary dna() {
    var tokens =
        new ArrayList<String>(List.of("<unk>", "<pad>", "<mask>", "<cls>", "<eos>", "<bos>"));
    for (int number = 0; number < 4096; number++) {
      var kmer = new StringBuilder();
      for (int shift = 10; shift >= 0; shift -= 2) {
        kmer.append("ATCG".charAt((number >> shift) & 3));
      }
      tokens.add(kmer.toString());
    }
    tokens.addAll(List.of("A", "T", "C", "G", "N"));
    return Vocabulary.of(Path.of("dna/vocab.txt"), tokens);
  }

  public static Vocabulary rna() {
    return of(
        "rna/vocab.txt",
        "<cls> <pad> <eos> <unk> A C G U R Y K M S W B D H V N - <null_1> <null_2> <null_3>"
            + " <null_4> <mask>");
  }

  public static Vocabulary protein() {
    return of(
        "protein/vocab.txt",
        "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H W C X B U Z O . - <null_1>"
            + " <mask>");
  }

  static Vocabulary of(String name, String tokens) {
    return Vocabulary.of(Path.of(name), List.of(tokens.split(" ")));
  }
}

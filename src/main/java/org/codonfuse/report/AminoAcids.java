package org.codonfuse.report;

import java.util.Comparator;
import java.util.List;

/** Names of amino acids, and codons in their order. */
final class AminoAcids {
  private static final String LETTERS = "ARNDCQEGHILKMFPSTWYV*";
  private static final List<String> NAMES =
      List.of(
          "Ala", "Arg", "Asn", "Asp", "Cys", "Gln", "Glu", "Gly", "His", "Ile", "Leu", "Lys", "Met",
          "Phe", "Pro", "Ser", "Thr", "Trp", "Tyr", "Val", "Stop");

  private AminoAcids() {}

  /** A codon and what it stands for. */
  record Codon(String letters, String aminoAcid) {
    /** By name of the amino acid, stops last, then by letters. */
    static final Comparator<Codon> ORDER =
        Comparator.comparing((Codon codon) -> codon.aminoAcid.equals("*"))
            .thenComparing(Codon::group)
            .thenComparing(Codon::letters);

    /** Three letters. */
    String group() {
      return name(aminoAcid);
    }
  }

  /** The three letters for one; other letters as they are. */
  static String name(String letter) {
    int place = letter.length() == 1 ? LETTERS.indexOf(letter) : -1;
    return place < 0 ? letter : NAMES.get(place);
  }
}

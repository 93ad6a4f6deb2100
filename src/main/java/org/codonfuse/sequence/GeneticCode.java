package org.codonfuse.sequence;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;

/**
 * An NCBI genetic code: codons to amino acids. Stops are {@code *}; a codon with ambiguous
 * nucleotides is the amino acid on which all its expansions agree, otherwise {@code X}. Immutable.
 *
 * @see <a href="https://www.ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi">The Genetic Codes</a>
 */
public final class GeneticCode {
  /** The amino acid of a stop codon. */
  public static final char STOP = '*';

  /** The amino acid of a codon that its ambiguous nucleotides leave open. */
  public static final char UNKNOWN = 'X';

  private static final Map<Integer, GeneticCode> KNOWN = new ConcurrentHashMap<>();

  private final NcbiTables.Table table;
  // Indexed by three sets of bases of 4 bits each, see Nucleotides.
  private final char[] aminoAcids = new char[1 << 12];
  private final boolean[] starts = new boolean[1 << 12];

  private GeneticCode(NcbiTables.Table table) {
    this.table = table;
    for (int sets = 0; sets < aminoAcids.length; sets++) {
      aminoAcids[sets] = UNKNOWN;
      expand(sets);
    }
  }

  /** The standard code, NCBI table 1. */
  public static GeneticCode standard() {
    return of(1);
  }

  /**
   * The code with an NCBI table number.
   *
   * @throws UsageException if there is none
   */
  public static GeneticCode of(int number) {
    return KNOWN.computeIfAbsent(
        number,
        n ->
            NcbiTables.ALL.stream()
                .filter(table -> table.number() == n)
                .findFirst()
                .map(GeneticCode::new)
                .orElseThrow(() -> new UsageException(unknown(n))));
  }

  /** The table numbers there are, ascending. */
  public static List<Integer> numbers() {
    return NcbiTables.ALL.stream().map(NcbiTables.Table::number).toList();
  }

  /** The NCBI table number. */
  public int number() {
    return table.number();
  }

  /** NCBI's name of the table. */
  public String name() {
    return table.name();
  }

  /** The amino acid of a codon given by its index 0–63 in the order TTT, TTC, TTA, TTG, TCT, …. */
  public char translate(int codon) {
    return table.aminoAcids().charAt(codon);
  }

  /**
   * The amino acid of a codon.
   *
   * @param codon three upper-case IUPAC nucleotide codes, DNA or RNA
   * @throws IllegalArgumentException if it is something else
   */
  public char translate(CharSequence codon) {
    checkLength(codon);
    return translate(codon, 0);
  }

  /** The amino acid of the codon at an offset of {@code sequence}, see above. */
  char translate(CharSequence sequence, int offset) {
    return aminoAcids[sets(sequence, offset)];
  }

  /**
   * Whether translation can start at {@code codon}; an ambiguous one only if all it stands for can.
   */
  public boolean isStart(CharSequence codon) {
    checkLength(codon);
    return starts[sets(codon, 0)];
  }

  @Override
  public String toString() {
    return "NCBI table " + number() + " (" + name() + ")";
  }

  private void expand(int sets) {
    int first = sets >> 8;
    int second = (sets >> 4) & 15;
    int third = sets & 15;
    char agreed = 0;
    boolean start = true;
    for (int codon = 0; codon < 64; codon++) {
      boolean meant =
          ((first >> (codon >> 4)) & (second >> ((codon >> 2) & 3)) & (third >> (codon & 3)) & 1)
              == 1;
      if (meant) {
        char aminoAcid = translate(codon);
        agreed = agreed == 0 || agreed == aminoAcid ? aminoAcid : UNKNOWN;
        start &= table.starts().charAt(codon) == 'M';
      }
    }
    if (agreed != 0) {
      aminoAcids[sets] = agreed;
      starts[sets] = start;
    }
  }

  private static int sets(CharSequence sequence, int offset) {
    int sets = 0;
    for (int i = offset; i < offset + 3; i++) {
      int bases = Nucleotides.bases(sequence.charAt(i));
      if (bases == 0) {
        throw new IllegalArgumentException(
            "'" + sequence.charAt(i) + "' is not an upper-case IUPAC nucleotide code");
      }
      sets = (sets << 4) | bases;
    }
    return sets;
  }

  private static void checkLength(CharSequence codon) {
    if (codon.length() != 3) {
      throw new IllegalArgumentException("not a codon: '" + codon + "'");
    }
  }

  private static String unknown(int number) {
    return "there is no NCBI genetic code "
        + number
        + "; choose one of "
        + numbers().stream().map(String::valueOf).collect(Collectors.joining(", ", "", "."));
  }
}

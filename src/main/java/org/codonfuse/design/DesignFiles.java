package org.codonfuse.design;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.CsvFile;
import org.codonfuse.io.Json;
import org.codonfuse.sequence.CodingSequence;

/**
 * A directory of designs: the sequences as FASTA, a table of all changes, and a summary. Each file
 * appears whole.
 */
public final class DesignFiles {
  /** The designed sequences. */
  public static final String SEQUENCES = "designs.fasta";

  /** Every codon that was exchanged. */
  public static final String CHANGES = "changes.csv";

  /** What was asked for and what came of it. */
  public static final String SUMMARY = "designs.json";

  private static final int LINE = 80;

  private DesignFiles() {}

  /**
   * Writes all files.
   *
   * @param dna whether sequences are written with T, otherwise with U
   * @param summary maps, lists, strings, numbers and booleans
   * @throws org.codonfuse.CodonfuseException if one cannot be written
   */
  public static void write(
      Path directory, List<Design> designs, boolean dna, Map<String, Object> summary) {
    StringBuilder fasta = new StringBuilder();
    List<List<String>> rows = new ArrayList<>();
    for (Design design : designs) {
      append(fasta, design, dna);
      for (Design.Change change : design.changes()) {
        rows.add(
            List.of(
                design.original().id(),
                Integer.toString(change.position()),
                change.from(),
                change.to(),
                Character.toString(change.aminoAcid()),
                Double.toString(change.alone()),
                Double.toString(change.cumulative())));
      }
    }
    AtomicFiles.writeString(directory.resolve(SEQUENCES), fasta);
    CsvFile.write(
        directory.resolve(CHANGES),
        List.of("id", "position", "from", "to", "amino_acid", "change_alone", "predicted"),
        rows);
    AtomicFiles.writeString(directory.resolve(SUMMARY), Json.pretty(summary) + "\n");
  }

  private static void append(StringBuilder fasta, Design design, boolean dna) {
    CodingSequence sequence = design.designed();
    fasta.append(
        String.format(
            Locale.ROOT,
            ">%s predicted=%.6g original=%.6g changes=%d%n",
            sequence.id(),
            design.after().value(),
            design.before().value(),
            design.changes().size()));
    String letters = dna ? sequence.dna() : sequence.rna();
    for (int from = 0; from < letters.length(); from += LINE) {
      fasta.append(letters, from, Math.min(letters.length(), from + LINE)).append('\n');
    }
  }

  /** One design in a summary. */
  public static Map<String, Object> summary(Design design, List<String> cautions) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", design.original().id());
    put(map, "before", design.before());
    put(map, "after", design.after());
    map.put("codons", design.original().codons());
    map.put("changes", design.changes().size());
    map.put("changes_for_constraints", design.repaired());
    map.put("gc_before", design.gcBefore());
    map.put("gc_after", design.gcAfter());
    map.put("predictions", design.evaluations());
    map.put("rounds", design.rounds());
    map.put("cautions", cautions);
    map.put("sequence", design.designed().rna());
    return map;
  }

  private static void put(Map<String, Object> map, String name, Prediction prediction) {
    map.put(name, prediction.value());
    if (!Double.isNaN(prediction.spread())) {
      map.put(name + "_sd", prediction.spread());
    }
  }
}

package org.codonfuse.embedding;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ProteinCleaner;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.SequenceCleaner;
import org.codonfuse.sequence.SequenceReader;
import org.codonfuse.sequence.SequenceRecord;
import org.codonfuse.sequence.SequenceTable;

/** Reads CSV and FASTA files of mRNAs, or of proteins, as the molecule that an encoder reads. */
public final class EmbeddingReader {
  /** Amino acids whose letters are no nucleotide codes: a third of the residues of proteins. */
  private static final String PROTEIN_ONLY = "EFILPQ";

  /** Between what typing errors make of an mRNA and what proteins have. */
  private static final double PROTEIN_SHARE = 0.05;

  private EmbeddingReader() {}

  /**
   * Reads a file.
   *
   * @param given what the file holds: {@link Molecule#PROTEIN} for proteins, the others for mRNAs
   *     in DNA or RNA letters; empty: told by the letters where the encoder reads proteins,
   *     otherwise mRNAs
   * @param code translates mRNAs for a protein encoder
   * @param notes takes sentences about what was found
   * @throws CodonfuseException if the file or a row of it cannot be used
   * @throws UsageException if it is of proteins and the encoder is not
   */
  public static EmbeddingInputs read(
      Path file,
      ReadOptions options,
      Encoder encoder,
      Optional<Molecule> given,
      GeneticCode code,
      Consumer<String> notes) {
    return read(
        SequenceReader.readUnlabelled(file, options),
        encoder.tokenizer().molecule(),
        encoder.directory().toString(),
        given,
        code,
        notes);
  }

  /**
   * The sequences of a table, in its order.
   *
   * @param molecule what the encoder reads
   * @param encoder what it is called in messages
   * @param given what the table holds, see the other method
   * @param code translates mRNAs for a protein encoder
   * @param notes takes sentences about what was found
   * @throws CodonfuseException if a row cannot be used
   * @throws UsageException if it is of proteins and the encoder is not
   */
  public static EmbeddingInputs read(
      SequenceTable table,
      Molecule molecule,
      String encoder,
      Optional<Molecule> given,
      GeneticCode code,
      Consumer<String> notes) {
    if (given.isPresent() && given.get() == Molecule.PROTEIN && molecule != Molecule.PROTEIN) {
      throw new UsageException(
          "--molecule protein for "
              + encoder
              + ", which reads "
              + molecule.name()
              + "; give mRNA, or a protein model");
    }
    boolean proteins =
        molecule == Molecule.PROTEIN
            && given
                .map(g -> g == Molecule.PROTEIN)
                .orElseGet(() -> looksLikeProteins(table, notes));
    return proteins ? proteins(table, notes) : codingSequences(table, molecule, code, notes);
  }

  private static boolean looksLikeProteins(SequenceTable table, Consumer<String> notes) {
    long letters = 0;
    long only = 0;
    for (SequenceRecord entry : table.records()) {
      letters += entry.sequence().length();
      only +=
          entry
              .sequence()
              .chars()
              .filter(c -> PROTEIN_ONLY.indexOf(Character.toUpperCase(c)) >= 0)
              .count();
    }
    boolean proteins = only > PROTEIN_SHARE * letters;
    notes.accept(
        "%s: read as %s (%d of %d letters are amino acids alone)%s"
            .formatted(
                table.source(),
                proteins ? "proteins" : "mRNA to be translated",
                only,
                letters,
                proteins ? "; --molecule rna if it is not" : ""));
    return proteins;
  }

  private static EmbeddingInputs proteins(SequenceTable table, Consumer<String> notes) {
    List<EmbeddingInput> inputs = new ArrayList<>();
    long lowerCase = 0;
    for (SequenceRecord entry : table.records()) {
      ProteinCleaner.Cleaned cleaned = ProteinCleaner.clean(entry.sequence(), table.where(entry));
      lowerCase += cleaned.lowerCase() > 0 ? 1 : 0;
      inputs.add(new EmbeddingInput(entry.id(), cleaned.protein()));
    }
    note(notes, table, lowerCase, "with lower case, changed to upper case");
    return new EmbeddingInputs(Molecule.PROTEIN, Optional.empty(), inputs);
  }

  private static EmbeddingInputs codingSequences(
      SequenceTable table, Molecule molecule, GeneticCode code, Consumer<String> notes) {
    List<EmbeddingInput> inputs = new ArrayList<>();
    long lowerCase = 0;
    long ambiguous = 0;
    long remainders = 0;
    for (SequenceRecord entry : table.records()) {
      SequenceCleaner.Cleaned cleaned = SequenceCleaner.clean(entry.sequence(), table.where(entry));
      lowerCase += cleaned.lowerCase() > 0 ? 1 : 0;
      ambiguous += cleaned.ambiguous() > 0 ? 1 : 0;
      remainders += cleaned.rna().length() % 3 != 0 ? 1 : 0;
      var sequence = new CodingSequence(entry.id(), cleaned.rna());
      inputs.add(new EmbeddingInput(entry.id(), sequence.as(molecule, code)));
    }
    note(notes, table, lowerCase, "with lower case, changed to upper case");
    note(notes, table, ambiguous, "with ambiguous nucleotides, kept");
    if (molecule == Molecule.PROTEIN) {
      note(
          notes,
          table,
          remainders,
          "whose length is no multiple of 3, the rest of which is no codon");
    }
    return new EmbeddingInputs(
        molecule, molecule == Molecule.PROTEIN ? Optional.of(code) : Optional.empty(), inputs);
  }

  private static void note(Consumer<String> notes, SequenceTable table, long count, String what) {
    if (count > 0) {
      notes.accept(
          "%s: %d of %d sequences %s"
              .formatted(table.source(), count, table.records().size(), what));
    }
  }
}

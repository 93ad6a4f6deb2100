package org.codonfuse.embedding;

import java.util.List;
import java.util.Optional;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;

/**
 * Sequences to embed, in the order of the index.
 *
 * @param molecule what the letters spell
 * @param code what proteins were translated with; empty if nothing was translated
 * @param sequences at least one, with unique identifiers
 */
public record EmbeddingInputs(
    Molecule molecule, Optional<GeneticCode> code, List<EmbeddingInput> sequences) {
  /** Copies the list. */
  public EmbeddingInputs {
    sequences = List.copyOf(sequences);
  }

  /** An encoder's molecule of coding sequences. */
  public static EmbeddingInputs of(
      Molecule molecule, List<CodingSequence> sequences, GeneticCode code) {
    return new EmbeddingInputs(
        molecule,
        molecule == Molecule.PROTEIN ? Optional.of(code) : Optional.empty(),
        sequences.stream()
            .map(sequence -> new EmbeddingInput(sequence.id(), sequence.as(molecule, code)))
            .toList());
  }

  /** A contiguous part of them. */
  EmbeddingInputs range(int from, int to) {
    return new EmbeddingInputs(molecule, code, sequences.subList(from, to));
  }
}

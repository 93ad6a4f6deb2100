package org.codonfuse.cli;

import java.util.Locale;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.Molecule;

/** What {@code --molecule} takes. */
final class Molecules {
  private Molecules() {}

  /** Reads dna, rna or protein, in any case. */
  static Molecule parse(String text) {
    for (Molecule known : Molecule.values()) {
      if (known.label().equals(text.toLowerCase(Locale.ROOT))) {
        return known;
      }
    }
    throw new UsageException("--molecule " + text + " is unknown; give dna, rna or protein");
  }
}

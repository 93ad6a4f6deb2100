package org.codonfuse.sequence;

import java.util.Locale;

/** The molecule that a stream of tokens or embeddings describes: the modality's alphabet. */
public enum Molecule {
  DNA,
  RNA,
  PROTEIN;

  /**
   * The name used in options, file names and tensor names: {@code dna}, {@code rna}, {@code
   * protein}.
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}

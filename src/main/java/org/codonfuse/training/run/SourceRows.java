package org.codonfuse.training.run;

import org.codonfuse.training.StreamRows;

/** Rows that know how much of a sequence they describe. */
interface SourceRows extends StreamRows {
  /** Nucleotides of a sequence that its rows cover: all, or where it was cut what came before. */
  int nucleotides(int example);
}

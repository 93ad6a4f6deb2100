package org.codonfuse.training.run;

import org.codonfuse.alignment.Granularity;
import org.codonfuse.training.StreamRows;

/** Rows that know how much of a sequence they describe. */
interface SourceRows extends StreamRows {
  /** Nucleotides of a sequence that its rows cover: all, or where it was cut what came before. */
  int nucleotides(int example);

  /** What its rows stand for where a model wants them at another granularity. */
  default Granularity granularity(Granularity wanted) {
    return wanted;
  }
}

package org.codonfuse.experiment;

import org.codonfuse.training.run.RunDirectory;

/** Trains and measures one cell. */
@FunctionalInterface
public interface CellRunner {
  /**
   * Writes the files of the cell's run.
   *
   * @param output receives them; the caller finishes it
   */
  void run(Cell cell, RunDirectory output);
}

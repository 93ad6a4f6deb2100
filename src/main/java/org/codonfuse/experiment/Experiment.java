package org.codonfuse.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.LockFile;
import org.codonfuse.training.CheckpointException;
import org.codonfuse.training.run.RunDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does the cells of an experiment that are not done, one after the other. */
public final class Experiment {
  private static final Logger LOG = LoggerFactory.getLogger(Experiment.class);

  private final ExperimentDirectory directory;
  private final Journal journal;
  private final CellRunner runner;

  /**
   * @param directory of the experiment
   * @param runner does a cell
   */
  public Experiment(ExperimentDirectory directory, CellRunner runner) {
    this.directory = directory;
    this.journal = new Journal(directory.journals());
    this.runner = runner;
  }

  /** Is told of the cells. */
  public interface Observer {
    /**
     * A cell begins.
     *
     * @param number of the cell among those to do, from 1
     * @param of how many there are
     */
    void started(Cell cell, int number, int of);

    /**
     * A cell is done.
     *
     * @param seconds it took
     */
    void finished(Cell cell, double seconds);

    /**
     * A cell cannot be done; the others still are.
     *
     * @param reason a sentence
     */
    void failed(Cell cell, String reason);
  }

  /**
   * What became of the cells.
   *
   * @param done how many were done now
   * @param failed those that could not be
   * @param elsewhere how many other processes are doing
   */
  public record Outcome(int done, List<Cell> failed, int elsewhere) {}

  /** Does them. */
  public Outcome run(List<Cell> cells, Observer observer) {
    List<Cell> missing = cells.stream().filter(cell -> !directory.isDone(cell)).toList();
    int done = 0;
    int elsewhere = 0;
    List<Cell> failed = new ArrayList<>();
    for (int i = 0; i < missing.size(); i++) {
      Cell cell = missing.get(i);
      Optional<LockFile> claim = directory.claim(cell);
      if (claim.isEmpty()) {
        elsewhere++;
        continue;
      }
      try (LockFile _ = claim.get()) {
        if (directory.isDone(cell)) {
          continue;
        }
        observer.started(cell, i + 1, missing.size());
        if (run(cell, observer)) {
          done++;
        } else {
          failed.add(cell);
        }
      }
    }
    return new Outcome(done, failed, elsewhere);
  }

  /** Other failures than those of this cell end the experiment. */
  private boolean run(Cell cell, Observer observer) {
    journal.started(cell);
    long start = System.nanoTime();
    try {
      try {
        run(cell, RunDirectory.Existing.RESUME);
      } catch (CheckpointException e) {
        LOG.warn("{} begins again: {}", cell.id(), e.getMessage());
        run(cell, RunDirectory.Existing.REPLACE);
      }
    } catch (CodonfuseException e) {
      LOG.debug("{} failed", cell.id(), e);
      journal.failed(cell, e.getMessage());
      observer.failed(cell, e.getMessage());
      return false;
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    journal.finished(cell, seconds);
    observer.finished(cell, seconds);
    return true;
  }

  private void run(Cell cell, RunDirectory.Existing existing) {
    try (RunDirectory output = RunDirectory.create(directory.run(cell), existing)) {
      runner.run(cell, output);
      output.finish();
    }
  }
}

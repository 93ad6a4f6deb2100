package org.codonfuse.training;

import org.codonfuse.CodonfuseException;

/** A training was asked to stop, and did after a step. */
public final class TrainingStopped extends CodonfuseException {
  private static final long serialVersionUID = 1L;

  TrainingStopped(int epoch, int step, boolean saved) {
    super(
        "Stopped as asked, in epoch %d after step %d%s."
            .formatted(
                epoch, step, saved ? "; the same command with --resume goes on from there" : ""));
  }
}

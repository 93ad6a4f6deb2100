package org.codonfuse.training;

import org.codonfuse.CodonfuseException;

/** A checkpoint that no training can go on from: it is damaged, or of another training. */
public final class CheckpointException extends CodonfuseException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one sentence for the user
   * @param cause what was caught; null if nothing was
   */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}

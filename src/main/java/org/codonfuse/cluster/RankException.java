package org.codonfuse.cluster;

import org.codonfuse.CodonfuseException;

/** This process cannot go on because another one ended. */
public final class RankException extends CodonfuseException {
  private static final long serialVersionUID = 1L;

  RankException(String message, Throwable cause) {
    super(message, cause);
  }
}

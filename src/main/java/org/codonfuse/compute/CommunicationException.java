package org.codonfuse.compute;

import org.codonfuse.CodonfuseException;

/** Another process of a {@link ProcessGroup} has ended or cannot be reached. */
public final class CommunicationException extends CodonfuseException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one sentence for the user
   * @param cause what the backend reported
   */
  public CommunicationException(String message, Throwable cause) {
    super(message, cause);
  }
}

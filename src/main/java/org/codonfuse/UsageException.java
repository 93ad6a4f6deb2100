package org.codonfuse;

/** A request that cannot be meant: a wrong option or combination of options. Exit code 2. */
public final class UsageException extends CodonfuseException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one sentence for the user
   */
  public UsageException(String message) {
    super(message);
  }
}

package org.codonfuse;

/**
 * A failure that its user can act on. The message is one sentence that names the file (and line),
 * says what is wrong and what to do; the command line prints it without a stack trace and exits
 * with 1.
 */
public class CodonfuseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one sentence for the user
   */
  public CodonfuseException(String message) {
    super(message);
  }

  /**
   * @param message one sentence for the user
   * @param cause what was caught, shown with {@code --verbose}
   */
  public CodonfuseException(String message, Throwable cause) {
    super(message, cause);
  }
}

package org.codonfuse.compute;

import org.codonfuse.CodonfuseException;

/** Memory of the device or the host that is exhausted, or a device that is not there any more. */
public final class DeviceException extends CodonfuseException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** What a device lacks. */
  public enum Kind {
    /** Its memory, or the host's, is exhausted; smaller batches need less. */
    OUT_OF_MEMORY,
    /** It is not there. */
    UNAVAILABLE
  }

  /**
   * @param message one sentence for the user
   * @param cause what the backend reported
   */
  public DeviceException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What is lacking. */
  public Kind kind() {
    return kind;
  }
}

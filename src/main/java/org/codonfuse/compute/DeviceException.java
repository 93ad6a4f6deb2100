package org.codonfuse.compute;

import org.codonfuse.CodonfuseException;

/** Memory of the device or the host that is exhausted, or a device that is not there any more. */
public final class DeviceException extends CodonfuseException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one sentence for the user
   * @param cause what the backend reported
   */
  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}

package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.CF_COMMUNICATION;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.CF_DEVICE_UNAVAILABLE;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.CF_INVALID_ARGUMENT;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.CF_OUT_OF_MEMORY;

/**
 * A failure inside LibTorch, with its message but without its stack trace. Shapes and element types
 * are checked before LibTorch is called, so that this means a defect; exhausted memory and a device
 * that went away are the cause of a {@link org.codonfuse.compute.DeviceException}, other processes
 * that cannot be reached that of a {@link org.codonfuse.compute.CommunicationException}.
 */
public final class TorchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** Kinds of failure. */
  public enum Kind {
    /** None of the others. */
    INTERNAL,
    /** Values that do not fit an operation. */
    INVALID_ARGUMENT,
    /** Host or device memory is exhausted; smaller batches need less. */
    OUT_OF_MEMORY,
    /** A device that this build of LibTorch or this machine does not have. */
    DEVICE_UNAVAILABLE,
    /** Another process that cannot be reached or has ended. */
    COMMUNICATION;

    static Kind of(int code) {
      if (code == CF_INVALID_ARGUMENT()) {
        return INVALID_ARGUMENT;
      }
      if (code == CF_OUT_OF_MEMORY()) {
        return OUT_OF_MEMORY;
      }
      if (code == CF_COMMUNICATION()) {
        return COMMUNICATION;
      }
      return code == CF_DEVICE_UNAVAILABLE() ? DEVICE_UNAVAILABLE : INTERNAL;
    }
  }

  TorchException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** What kind of failure this is. */
  public Kind kind() {
    return kind;
  }
}

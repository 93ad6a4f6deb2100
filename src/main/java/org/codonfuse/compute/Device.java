package org.codonfuse.compute;

import java.util.Locale;
import org.codonfuse.UsageException;

/**
 * Where tensors live and operations run.
 *
 * @param kind the kind of processor
 * @param index which one of its kind; 0 for the CPU
 */
public record Device(Kind kind, int index) {
  /** The CPU. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  /** Kinds of processors. */
  public enum Kind {
    CPU,
    CUDA
  }

  public Device {
    if (index < 0 || (kind == Kind.CPU && index != 0)) {
      throw new IllegalArgumentException("No device " + kind + ":" + index);
    }
  }

  /**
   * Reads the notation of {@code --device}: {@code cpu}, {@code cuda} or {@code cuda:N}.
   *
   * @throws UsageException for anything else
   */
  public static Device parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.equals("cpu")) {
      return CPU;
    }
    if (lower.equals("cuda")) {
      return new Device(Kind.CUDA, 0);
    }
    if (lower.matches("cuda:\\d{1,3}")) {
      return new Device(Kind.CUDA, Integer.parseInt(lower.substring("cuda:".length())));
    }
    throw new UsageException("Unknown device '" + text + "'; use auto, cpu, cuda or cuda:N.");
  }

  /** The notation that {@link #parse} reads. */
  @Override
  public String toString() {
    return kind == Kind.CPU ? "cpu" : "cuda:" + index;
  }
}

package org.codonfuse.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The memory of this process as Linux counts it: Java's heap, LibTorch's tensors and the pages of
 * mapped files that were read.
 */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  /** What makes Linux forget the largest memory so far. */
  private static final String FORGET_PEAK = "5";

  private ProcessMemory() {}

  /** Bytes held now, if the system tells. */
  static OptionalLong held() {
    return field("VmRSS:");
  }

  /** The most bytes held since {@link #forgetPeak} or the start of the process. */
  static OptionalLong peak() {
    return field("VmHWM:");
  }

  /** Begins anew with {@link #peak}; returns whether the system can. */
  static boolean forgetPeak() {
    try {
      Files.writeString(CLEAR, FORGET_PEAK);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static OptionalLong field(String name) {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst();
    } catch (IOException _) {
      return OptionalLong.empty();
    }
  }
}

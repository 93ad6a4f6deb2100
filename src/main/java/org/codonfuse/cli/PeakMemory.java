package org.codonfuse.cli;

import java.util.Locale;
import java.util.Map;
import org.codonfuse.compute.Backend;

/** Says how much of its device's memory a command held at most, where the device tells. */
final class PeakMemory {
  private PeakMemory() {}

  static void print(Console console, Backend backend) {
    backend
        .memoryUse()
        .ifPresent(
            use ->
                console.print(
                    String.format(
                        Locale.ROOT,
                        "At most %.1f GiB of the memory of %s",
                        use.peak() / (double) (1L << 30),
                        backend.device())));
  }

  static void put(Map<String, Object> results, Backend backend) {
    backend.memoryUse().ifPresent(use -> results.put("peak_bytes", use.peak()));
  }
}

package org.codonfuse.compute;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The memory of the machine, or of the container that the process is in. */
public final class HostMemory {
  private static final Path CONTAINER = Path.of("/sys/fs/cgroup");

  private HostMemory() {}

  /** Bytes that a process may still take without others being swapped out, caches included. */
  public static long available() {
    long machine =
        field(linesOf(Path.of("/proc/meminfo")), "MemAvailable:")
            .orElseGet(
                () ->
                    ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                        .getFreeMemorySize());
    return Math.min(machine, ofContainer().orElse(machine));
  }

  /** What a control group (version 2) leaves; caches that it can give back are free. */
  private static OptionalLong ofContainer() {
    OptionalLong limit = number(CONTAINER.resolve("memory.max"));
    OptionalLong used = number(CONTAINER.resolve("memory.current"));
    if (limit.isEmpty() || used.isEmpty()) {
      return OptionalLong.empty();
    }
    long caches =
        linesOf(CONTAINER.resolve("memory.stat")).stream()
            .filter(line -> line.startsWith("inactive_file "))
            .mapToLong(line -> Long.parseLong(line.split(" ", 2)[1].strip()))
            .findFirst()
            .orElse(0);
    return OptionalLong.of(Math.max(0, limit.getAsLong() - used.getAsLong() + caches));
  }

  private static OptionalLong number(Path file) {
    return linesOf(file).stream()
        .filter(line -> line.matches("\\d{1,18}"))
        .mapToLong(Long::parseLong)
        .findFirst();
  }

  /** A number of kB of {@code /proc/meminfo}, in bytes. */
  static OptionalLong field(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst();
  }

  private static List<String> linesOf(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      return List.of(); // Only Linux has it.
    }
  }
}

package org.codonfuse.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What this process runs on. */
record Machine(Java java, Platform platform, Cpu cpu, Memory memory) {
  /**
   * The virtual machine.
   *
   * @param compiler its just-in-time compilers; empty if it only interprets
   */
  record Java(String version, String vendor, String vm, Optional<String> compiler, String home) {}

  /** The operating system. */
  record Platform(String name, String version, String architecture) {}

  /**
   * The processor.
   *
   * @param model empty where the system does not say
   * @param processors those that this process may use
   * @param vectors the widest vector extension; empty where the system does not say
   * @param vectorBits what the Vector API prefers; empty without its module
   */
  record Cpu(
      Optional<String> model,
      int processors,
      Optional<VectorExtension> vectors,
      OptionalInt vectorBits) {}

  /** Memory in bytes, as far as this process may use it. */
  record Memory(long physicalBytes, long maximumHeapBytes) {}

  /** Vector instructions, the widest of each architecture first. */
  enum VectorExtension {
    AVX512("avx512f", 512),
    AVX2("avx2", 256),
    AVX("avx", 256),
    SSE2("sse2", 128),
    SVE("sve", 0),
    NEON("asimd", 128);

    private final String flag;
    private final int bits; // 0 where it differs between implementations.

    VectorExtension(String flag, int bits) {
      this.flag = flag;
      this.bits = bits;
    }

    @Override
    public String toString() {
      return bits == 0 ? name() : name() + " (" + bits + " bits)";
    }
  }

  /** The machine of this process. */
  static Machine here() {
    List<String> cpuinfo = linesOf(Path.of("/proc/cpuinfo"));
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    return new Machine(
        new Java(
            Runtime.version().toString(),
            property("java.vendor"),
            property("java.vm.name"),
            Optional.ofNullable(compiler).map(CompilationMXBean::getName),
            property("java.home")),
        new Platform(property("os.name"), property("os.version"), property("os.arch")),
        new Cpu(
            model(cpuinfo),
            Runtime.getRuntime().availableProcessors(),
            widest(cpuinfo),
            preferredVectorBits()),
        new Memory(
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize(),
            Runtime.getRuntime().maxMemory()));
  }

  /** The processor's name among the lines of {@code /proc/cpuinfo}. */
  static Optional<String> model(List<String> cpuinfo) {
    return value(cpuinfo, "model name");
  }

  /** The widest vector extension among the lines of {@code /proc/cpuinfo}. */
  static Optional<VectorExtension> widest(List<String> cpuinfo) {
    List<String> flags =
        value(cpuinfo, "flags") // x86
            .or(() -> value(cpuinfo, "Features")) // ARM
            .map(line -> List.of(line.split("\\s+", -1)))
            .orElse(List.of());
    return Arrays.stream(VectorExtension.values())
        .filter(extension -> flags.contains(extension.flag))
        .findFirst();
  }

  private static Optional<String> value(List<String> cpuinfo, String key) {
    return cpuinfo.stream()
        .map(line -> line.split("\\s*:\\s*", 2))
        .filter(pair -> pair.length == 2 && pair[0].equals(key))
        .map(pair -> pair[1].strip())
        .findFirst();
  }

  private static List<String> linesOf(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of(); // Only Linux has it.
    }
  }

  /** Asked by reflection: naming the incubating module would require it. */
  private static OptionalInt preferredVectorBits() {
    return ModuleLayer.boot()
        .findModule("jdk.incubator.vector")
        .map(module -> Class.forName(module, "jdk.incubator.vector.VectorShape"))
        .map(
            shape -> {
              try {
                Object preferred = shape.getMethod("preferredShape").invoke(null);
                return OptionalInt.of((int) shape.getMethod("vectorBitSize").invoke(preferred));
              } catch (ReflectiveOperationException e) {
                throw new LinkageError("The Vector API has changed", e);
              }
            })
        .orElse(OptionalInt.empty());
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown");
  }
}

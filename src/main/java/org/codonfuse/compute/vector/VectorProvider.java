package org.codonfuse.compute.vector;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.codonfuse.compute.Availability;
import org.codonfuse.compute.Availability.Available;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendProvider;
import org.codonfuse.compute.Ceilings;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Work;

/**
 * Offers {@link VectorBackend}. Names no class of the Vector API, so that it can say why there is
 * none.
 */
public final class VectorProvider implements BackendProvider {
  private static final String MODULE = "jdk.incubator.vector";

  /** The tier of HotSpot's C2, which alone makes instructions of vectors. */
  private static final int C2_TIER = 4;

  /** Vectors from which on it was measured to be faster than LibTorch in float32. */
  private static final int FAST_BITS = 512;

  /** How Linux calls instructions for bfloat16 on x86 and ARM. */
  private static final Pattern BFLOAT16_FLAGS =
      Pattern.compile("\\b(avx512_bf16|amx_bf16|bf16)\\b");

  /** For {@link java.util.ServiceLoader}. */
  public VectorProvider() {}

  @Override
  public String name() {
    return VectorBackend.NAME;
  }

  @Override
  public int priority(Device device, Work work) {
    boolean fastest =
        !work.training()
            && withoutJava().isEmpty()
            && (work.precision().on(device) == Precision.FLOAT32
                ? VectorWidth.isAtLeast(FAST_BITS)
                : !hasBfloat16());
    return fastest ? 350 : 200;
  }

  /**
   * Whether the processor multiplies bfloat16, which LibTorch uses; without, it takes twice as long
   * as vectors in float32.
   */
  private static boolean hasBfloat16() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"), ISO_8859_1)) {
      return lines.anyMatch(line -> BFLOAT16_FLAGS.matcher(line).find());
    } catch (IOException | UncheckedIOException e) {
      return true; // Only Linux says so.
    }
  }

  @Override
  public Availability probe(Device device) {
    if (!device.equals(Device.CPU)) {
      return new Unavailable(
          "it runs on the CPU only", "use --device cpu, or --backend torch for " + device);
    }
    Optional<Unavailable> refusal = refusal();
    return refusal.isPresent() ? refusal.get() : new Available(VectorBackend.describeEngine());
  }

  /** Why it cannot run in this process. */
  private static Optional<Unavailable> refusal() {
    return withoutJava().or(VectorWidth::refusal);
  }

  /** What the virtual machine lacks. */
  private static Optional<Unavailable> withoutJava() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return Optional.of(
          new Unavailable(
              "Java was started without the module " + MODULE,
              "start it with --add-modules " + MODULE));
    }
    return withoutCompiler();
  }

  /** Without C2 every vector operation would be a call that makes an object. */
  private static Optional<Unavailable> withoutCompiler() {
    if (ManagementFactory.getCompilationMXBean() == null) {
      return Optional.of(new Unavailable("Java only interprets", "start it without -Xint"));
    }
    String vm = System.getProperty("java.vm.name", "unknown");
    HotSpotDiagnosticMXBean hotspot =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (hotspot == null || vm.contains("Client") || vm.contains("Zero")) {
      return Optional.of(
          new Unavailable(
              vm + " has no C2 compiler", "use a HotSpot server VM, such as Eclipse Temurin's"));
    }
    String tier = option(hotspot, "TieredStopAtLevel");
    if (!tier.isEmpty() && Integer.parseInt(tier) < C2_TIER) {
      return Optional.of(
          new Unavailable(
              "Java was started without its C2 compiler",
              "start it without -XX:TieredStopAtLevel=" + tier));
    }
    return option(hotspot, "EnableVectorSupport").equals("false")
        ? Optional.of(
            new Unavailable(
                "C2 was told not to know vectors", "start Java without -XX:-EnableVectorSupport"))
        : Optional.empty();
  }

  private static String option(HotSpotDiagnosticMXBean hotspot, String name) {
    try {
      return hotspot.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return ""; // Another virtual machine does not have it.
    }
  }

  @Override
  public Backend open(Device device, int threads) {
    if (probe(device) instanceof Unavailable reason) {
      throw reason.exception(name(), device);
    }
    return new VectorBackend(threads);
  }

  @Override
  public Optional<Ceilings> ceilings(int threads) {
    return refusal().isPresent() ? Optional.empty() : Optional.of(CeilingMeter.measure(threads));
  }

  @Override
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    if (refusal().isEmpty()) {
      details.put("width", VectorWidth.bits() + " bits");
    }
    return details;
  }
}

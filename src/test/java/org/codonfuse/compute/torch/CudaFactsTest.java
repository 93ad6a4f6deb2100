package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.torch.CudaFacts.Driver;
import org.junit.jupiter.api.Test;

class CudaFactsTest {
  private static final Driver WORKS = new Driver(12_080, 0, 2);
  private static final Driver HIDES = new Driver(12_080, 100, 0);

  private static Unavailable explain(Driver driver, String visible) {
    return new CudaFacts(
            "2.13.0",
            true,
            true,
            Optional.of("12.8"),
            Optional.ofNullable(driver),
            Optional.ofNullable(visible))
        .explain();
  }

  private static Unavailable kernels(boolean there, boolean loaded) {
    return new CudaFacts(
            "2.13.0", there, loaded, Optional.empty(), Optional.of(WORKS), Optional.empty())
        .explain();
  }

  private static void assertExplains(String cause, String remedy, Unavailable actual) {
    assertEquals(cause, actual.cause());
    assertTrue(actual.remedy().contains(remedy), actual.remedy());
    assertTrue(actual.remedy().endsWith(", or use --device cpu"), actual.remedy());
  }

  @Test
  void libTorchWithoutCuda() {
    assertExplains(
        "LibTorch 2.13.0 was built without CUDA", "set LIBTORCH_HOME", kernels(false, false));
    assertTrue(kernels(true, false).cause().contains("was built with a LibTorch without CUDA"));
  }

  @Test
  void driversThatCannotBeUsed() {
    assertExplains(
        "there is no NVIDIA driver: libcuda.so.1 cannot be loaded",
        "install the driver",
        explain(null, null));
    assertExplains(
        "the NVIDIA driver serves CUDA up to 12.2 and LibTorch 2.13.0 was built for CUDA 12.8",
        "update the driver",
        explain(new Driver(12_020, 0, 1), null));
    assertExplains(
        "the NVIDIA driver's library is of another version than its kernel module (code 803)",
        "restart the machine",
        explain(new Driver(13_000, 803, 0), null));
    assertExplains(
        "the NVIDIA driver fails with code 999",
        "nvidia-smi",
        explain(new Driver(13_000, 999, 0), null));
  }

  @Test
  void devicesThatAreHidden() {
    assertExplains("CUDA_VISIBLE_DEVICES= hides every device", "unset it", explain(HIDES, ""));
    assertExplains(
        "CUDA_VISIBLE_DEVICES=7 names no device of this machine",
        "nvidia-smi -L",
        explain(HIDES, "7"));
    assertExplains("the driver shows no CUDA device", "nvidia-smi -L", explain(HIDES, null));
    assertExplains(
        "the NVIDIA driver has 2 devices but LibTorch 2.13.0 can use none",
        "--verbose",
        explain(WORKS, "0,1"));
  }

  @Test
  void librariesAreFoundAmongWhatIsMapped() {
    LoadedLibraries libraries =
        LoadedLibraries.of(
            Stream.of(
                "7f00-7f01 r-xp 00000000 fe:00 12   /opt/a b/lib/libtorch_cpu.so",
                "7f01-7f02 r--p 00000000 fe:00 12   /opt/a b/lib/libtorch_cpu.so",
                "7f02-7f03 r-xp 00000000 fe:00 13   /opt/other/libc10_cuda.so",
                "7f03-7f04 r-xp 00000000 fe:00 14   /opt/third/libtorch_python.so",
                "7f05-7f06 rw-p 00000000 00:00 0    [heap]"));
    assertEquals(Optional.of(Path.of("/opt/a b/lib")), libraries.directory());
    assertEquals(
        new TreeSet<>(List.of(Path.of("/opt/a b/lib"), Path.of("/opt/other"))),
        libraries.directories());
    assertFalse(libraries.hasLoadedCuda());
    assertFalse(libraries.hasCuda());
  }
}

package org.codonfuse.compute.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.torch.binding.CodonfuseNative;

/** The CUDA devices that LibTorch, which is loaded, can use. */
final class CudaDevices {
  private static final int NAME_BYTES = 256;
  private static final int UUID_BYTES = 16;

  private CudaDevices() {}

  /** Number of devices that LibTorch can use. */
  static int count() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
      Native.check(CodonfuseNative.cf_cuda_device_count(count));
      return count.get(ValueLayout.JAVA_INT, 0);
    }
  }

  /** Why LibTorch, which is loaded, finds no CUDA device. */
  static CudaFacts facts() {
    LoadedLibraries libraries = LoadedLibraries.now();
    return new CudaFacts(
        TorchLibrary.version(),
        libraries.hasCuda(),
        libraries.hasLoadedCuda(),
        Optional.of(TorchLibrary.option("CUDA_VERSION")).filter(v -> v.matches("\\d+\\.\\d+.*")),
        driver(),
        Optional.ofNullable(System.getenv("CUDA_VISIBLE_DEVICES")));
  }

  private static Optional<CudaFacts.Driver> driver() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment version = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment code = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment devices = arena.allocate(ValueLayout.JAVA_INT);
      Native.check(CodonfuseNative.cf_cuda_driver(version, code, devices));
      return Optional.of(
          new CudaFacts.Driver(
              version.get(ValueLayout.JAVA_INT, 0),
              code.get(ValueLayout.JAVA_INT, 0),
              devices.get(ValueLayout.JAVA_INT, 0)));
    } catch (DeviceException | TorchException _) {
      return Optional.empty(); // There is none, or something else of that name.
    }
  }

  /** The name of a device and its memory. */
  record Memory(String name, long freeBytes, long totalBytes) {}

  /** Asks for a device's memory. */
  static Memory memory(int index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(NAME_BYTES);
      MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
      Native.check(CodonfuseNative.cf_cuda_device_info(index, name, NAME_BYTES, free, total));
      return new Memory(
          name.getString(0),
          free.get(ValueLayout.JAVA_LONG, 0),
          total.get(ValueLayout.JAVA_LONG, 0));
    }
  }

  /** What tells a device from those of all machines. */
  static String id(int index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment uuid = arena.allocate(UUID_BYTES);
      Native.check(CodonfuseNative.cf_cuda_device_uuid(index, uuid));
      return HexFormat.of().formatHex(uuid.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  /** Why the kernels that encoders have in 16 bits cannot be compiled for a device, if so. */
  static Optional<String> kernelsMissing(int index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment refusal = arena.allocate(NAME_BYTES);
      Native.check(CodonfuseNative.cf_cuda_kernels(index, refusal, NAME_BYTES));
      return Optional.of(refusal.getString(0)).filter(reason -> !reason.isEmpty());
    }
  }

  /** What is known of all of them. */
  static List<TorchInfo.CudaDevice> all() {
    List<TorchInfo.CudaDevice> devices = new ArrayList<>();
    for (int i = 0; i < count(); i++) {
      Memory memory = memory(i);
      devices.add(
          new TorchInfo.CudaDevice(
              i,
              memory.name(),
              memory.freeBytes(),
              memory.totalBytes(),
              kernelsMissing(i).orElse("compiled")));
    }
    return List.copyOf(devices);
  }
}

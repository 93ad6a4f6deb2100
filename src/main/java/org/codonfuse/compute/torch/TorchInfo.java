package org.codonfuse.compute.torch;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is loaded.
 *
 * @param library file of the native library
 * @param abiVersion version of its C ABI
 * @param version version of LibTorch, such as {@code 2.13.0}
 * @param directory the folder that LibTorch was loaded from, where the system tells
 * @param cpuCapability the instruction set of its CPU kernels, such as {@code AVX512}
 * @param threads threads within operations
 * @param builtWithCuda whether this LibTorch contains CUDA kernels
 * @param cudaDevices the usable ones
 */
record TorchInfo(
    Path library,
    int abiVersion,
    String version,
    Optional<Path> directory,
    String cpuCapability,
    int threads,
    boolean builtWithCuda,
    List<CudaDevice> cudaDevices) {

  /**
   * A CUDA device.
   *
   * @param index its number in {@code cuda:N}
   * @param name its product name
   * @param freeBytes memory that nothing uses at present
   * @param totalBytes memory
   * @param kernels whether the kernels that encoders have in 16 bits can be compiled for it
   */
  record CudaDevice(int index, String name, long freeBytes, long totalBytes, String kernels) {
    private Map<String, Object> details() {
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("device", "cuda:" + index);
      details.put("name", name);
      details.put("freeBytes", freeBytes);
      details.put("totalBytes", totalBytes);
      details.put("kernels", kernels);
      return details;
    }
  }

  /** For {@link org.codonfuse.compute.BackendProvider#details}. */
  Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("library", library.toString());
    details.put("abiVersion", abiVersion);
    details.put("libTorch", version);
    directory.ifPresent(path -> details.put("libTorchDirectory", path.toString()));
    details.put("cpuCapability", cpuCapability);
    details.put("threads", threads);
    details.put("builtWithCuda", builtWithCuda);
    if (builtWithCuda) {
      details.put("float32OnCuda", "is not rounded; --tf32 lets products round factors to 10 bits");
    }
    details.put("cudaDevices", cudaDevices.stream().map(CudaDevice::details).toList());
    return details;
  }
}

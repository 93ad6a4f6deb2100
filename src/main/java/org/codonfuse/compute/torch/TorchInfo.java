package org.codonfuse.compute.torch;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is loaded, for {@code doctor} and results.
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
public record TorchInfo(
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
   */
  public record CudaDevice(int index, String name, long freeBytes, long totalBytes) {}
}

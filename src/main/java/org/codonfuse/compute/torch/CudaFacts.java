package org.codonfuse.compute.torch;

import java.util.Optional;
import org.codonfuse.compute.Availability.Unavailable;

/**
 * What explains that LibTorch finds no CUDA device, of which itself it says nothing.
 *
 * @param version of LibTorch
 * @param kernelsThere whether LibTorch's folder has its CUDA library
 * @param kernelsLoaded whether that is loaded
 * @param runtime the CUDA version that LibTorch was built with, such as {@code 12.8}
 * @param driver what the driver says, if there is one
 * @param visibleDevices value of {@code CUDA_VISIBLE_DEVICES}
 */
record CudaFacts(
    String version,
    boolean kernelsThere,
    boolean kernelsLoaded,
    Optional<String> runtime,
    Optional<Driver> driver,
    Optional<String> visibleDevices) {
  private static final String OR_CPU = ", or use --device cpu";

  /** CUDA_ERROR_NO_DEVICE. */
  private static final int NO_DEVICE = 100;

  /** CUDA_ERROR_SYSTEM_DRIVER_MISMATCH. */
  private static final int MISMATCH = 803;

  /**
   * What the driver says.
   *
   * @param version the CUDA version that it serves, 1000 x major + 10 x minor
   * @param code that it fails with; 0 if it works
   * @param devices their number
   */
  record Driver(int version, int code, int devices) {
    String serves() {
      return version / 1000 + "." + version % 1000 / 10;
    }

    boolean isOlderThan(String runtime) {
      String[] parts = (runtime + ".0").split("\\.", -1);
      return version < 1000 * Integer.parseInt(parts[0]) + 10 * Integer.parseInt(parts[1]);
    }
  }

  /** The most likely cause, and its remedy. */
  Unavailable explain() {
    if (!kernelsThere) {
      return new Unavailable(
          "LibTorch " + version + " was built without CUDA",
          "set LIBTORCH_HOME to a CUDA build and " + LibraryFinder.BUILD + OR_CPU);
    }
    if (!kernelsLoaded) {
      return new Unavailable(
          "the native library was built with a LibTorch without CUDA, so that of the LibTorch "
              + version
              + " that is loaded is not",
          "set LIBTORCH_HOME to that and " + LibraryFinder.BUILD + OR_CPU);
    }
    if (driver.isEmpty()) {
      return new Unavailable(
          "there is no NVIDIA driver: libcuda.so.1 cannot be loaded",
          "install the driver, start the container with the GPU (apptainer --nv, docker --gpus all)"
              + OR_CPU);
    }
    if (visibleDevices.filter(devices -> devices.isBlank() || devices.equals("-1")).isPresent()) {
      return new Unavailable(
          "CUDA_VISIBLE_DEVICES=" + visibleDevices.get() + " hides every device",
          "unset it or give it the number of one" + OR_CPU);
    }
    return explain(driver.get());
  }

  private Unavailable explain(Driver of) {
    if (runtime.filter(of::isOlderThan).isPresent()) {
      return new Unavailable(
          "the NVIDIA driver serves CUDA up to "
              + of.serves()
              + " and LibTorch "
              + version
              + " was built for CUDA "
              + runtime.get(),
          "update the driver, set LIBTORCH_HOME to a build for an older CUDA and "
              + LibraryFinder.BUILD
              + OR_CPU);
    }
    if (of.code == MISMATCH) {
      return new Unavailable(
          "the NVIDIA driver's library is of another version than its kernel module (code 803)",
          "restart the machine, or load the driver of this node in the container" + OR_CPU);
    }
    if (of.code != 0 && of.code != NO_DEVICE) {
      return new Unavailable(
          "the NVIDIA driver fails with code " + of.code, "see what nvidia-smi says" + OR_CPU);
    }
    if (of.devices == 0) {
      return new Unavailable(
          visibleDevices
              .map(
                  devices -> "CUDA_VISIBLE_DEVICES=" + devices + " names no device of this machine")
              .orElse("the driver shows no CUDA device"),
          "see what nvidia-smi -L lists" + OR_CPU);
    }
    return new Unavailable(
        "the NVIDIA driver has "
            + of.devices
            + (of.devices == 1 ? " device" : " devices")
            + " but LibTorch "
            + version
            + " can use none",
        "see with --verbose what LibTorch says, take a build for this kind of device" + OR_CPU);
  }
}

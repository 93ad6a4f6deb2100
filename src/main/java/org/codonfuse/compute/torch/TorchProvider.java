package org.codonfuse.compute.torch;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.compute.Availability;
import org.codonfuse.compute.Availability.Available;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendProvider;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.Work;

/**
 * Offers {@link TorchBackend}. Stateless; any thread may use it. Asking loads LibTorch, which stays
 * loaded until the process ends.
 */
public final class TorchProvider implements BackendProvider {
  static final String NAME = "torch";

  /** For {@link java.util.ServiceLoader}. */
  public TorchProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int priority(Device device, Work work) {
    return device.kind() == Device.Kind.CUDA ? 400 : 300;
  }

  @Override
  public Set<Device.Kind> kinds() {
    return EnumSet.allOf(Device.Kind.class);
  }

  @Override
  public int count(Device.Kind kind) {
    if (kind == Device.Kind.CPU || TorchLibrary.refusal().isPresent()) {
      return 1;
    }
    try {
      return Math.max(1, CudaDevices.count());
    } catch (DeviceException | TorchException _) {
      return 1; // Said when it is probed.
    }
  }

  @Override
  public Availability probe(Device device) {
    Optional<Unavailable> refusal = TorchLibrary.refusal();
    if (refusal.isPresent()) {
      return refusal.get();
    }
    String version = "LibTorch " + TorchLibrary.version();
    return switch (device.kind()) {
      case CPU -> new Available(version + ", " + TorchLibrary.cpuCapability());
      case CUDA -> probeCuda(device, version);
    };
  }

  @Override
  public Backend open(Device device, int threads) {
    return open(device, threads, false);
  }

  @Override
  public Backend openWithTf32(Device device, int threads) {
    if (device.kind() != Device.Kind.CUDA) {
      throw new UnsupportedOperationException("There is no TF32 on " + device);
    }
    return open(device, threads, true);
  }

  private Backend open(Device device, int threads, boolean tf32) {
    return switch (probe(device)) {
      case Available _ -> TorchBackend.open(device, threads, tf32);
      case Unavailable reason -> throw reason.exception(NAME, device);
    };
  }

  @Override
  public Map<String, Object> details() {
    return TorchLibrary.describe().map(TorchInfo::details).orElse(Map.of());
  }

  private static Availability probeCuda(Device device, String version) {
    int count;
    try {
      count = CudaDevices.count();
    } catch (DeviceException e) {
      return uncountable(version, e.getCause());
    } catch (TorchException e) {
      return uncountable(version, e);
    }
    if (device.index() < count) {
      return new Available(version + ", " + CudaDevices.memory(device.index()).name());
    }
    if (count > 0) {
      return new Unavailable(
          "there is no " + device + " among " + count + " CUDA devices",
          "use --device cuda:0 to cuda:" + (count - 1));
    }
    return CudaDevices.facts().explain();
  }

  private static Unavailable uncountable(String version, Throwable cause) {
    return new Unavailable(
        version + " cannot count CUDA devices: " + cause.getMessage(), "use --device cpu");
  }
}

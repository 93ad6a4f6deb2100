package org.codonfuse;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendProvider;
import org.codonfuse.compute.Backends;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.TrainableBackend;
import org.junit.jupiter.api.Assumptions;

/**
 * Backends for tests: what cannot be had is skipped, in continuous integration fails.
 *
 * <p>They are on the CPU, unless {@code -Dcodonfuse.test.device=cuda} names another device: then
 * only the backends that have such devices are tested, by the tests with the tag {@value #TAG}.
 */
public final class TestBackends {
  /** The tag of tests that run on any device. */
  public static final String TAG = "device";

  private static final Device DEVICE =
      Device.parse(System.getProperty("codonfuse.test.device", "cpu"));

  private TestBackends() {}

  /** The names of all backends. */
  public static List<String> names() {
    return Backends.providers().stream()
        .filter(TestBackends::isTested)
        .map(BackendProvider::name)
        .toList();
  }

  /** Those of the named backends that have the device. */
  public static Stream<String> among(String... names) {
    return Arrays.stream(names).filter(name -> isTested(provider(name)));
  }

  /** Where a backend is tested; references stay on the CPU. */
  public static Device device(String name) {
    return isTested(provider(name)) ? DEVICE : Device.CPU;
  }

  /** How far from a reference float32 may be: CUDA's libraries add in other orders. */
  public static float tolerance(float onCpu) {
    return onCuda() ? Math.max(onCpu, 1e-4f) : onCpu;
  }

  /** Whether the device is one of CUDA. */
  public static boolean onCuda() {
    return DEVICE.kind() == Device.Kind.CUDA;
  }

  private static boolean isTested(BackendProvider provider) {
    return provider.kinds().contains(DEVICE.kind());
  }

  /** Why tests of a backend are skipped, if they are; fails where the environment has CI=true. */
  public static Optional<String> missing(String name) {
    if (!(provider(name).probe(device(name)) instanceof Unavailable(String cause, String remedy))) {
      return Optional.empty();
    }
    String reason = "Backend " + name + " is unavailable: " + cause + "; " + remedy;
    if (Boolean.parseBoolean(System.getenv("CI"))) {
      fail(reason + " (required because CI=true)");
    }
    return Optional.of(reason);
  }

  /** Opens a backend with two threads. */
  public static Backend open(String name) {
    missing(name).ifPresent(Assumptions::abort);
    return provider(name).open(device(name), 2);
  }

  /** Opens the backend that differentiates. */
  public static TrainableBackend openTrainable() {
    return (TrainableBackend) open("torch");
  }

  private static BackendProvider provider(String name) {
    return Backends.providers().stream()
        .filter(p -> p.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}

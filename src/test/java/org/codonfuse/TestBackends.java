package org.codonfuse;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Optional;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendProvider;
import org.codonfuse.compute.Backends;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.TrainableBackend;
import org.junit.jupiter.api.Assumptions;

/**
 * Backends on the CPU for tests: what cannot be had is skipped, in continuous integration fails.
 */
public final class TestBackends {
  private TestBackends() {}

  /** The names of all backends. */
  public static List<String> names() {
    return Backends.providers().stream().map(BackendProvider::name).toList();
  }

  /** Why tests of a backend are skipped, if they are; fails where the environment has CI=true. */
  public static Optional<String> missing(String name) {
    if (!(provider(name).probe(Device.CPU) instanceof Unavailable(String cause, String remedy))) {
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
    return provider(name).open(Device.CPU, 2);
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

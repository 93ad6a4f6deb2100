package org.codonfuse;

import static org.junit.jupiter.api.Assertions.fail;

import org.codonfuse.compute.Availability;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendProvider;
import org.codonfuse.compute.Backends;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.TrainableBackend;
import org.junit.jupiter.api.Assumptions;

/** Backends on the CPU for tests: what cannot be had is skipped, in continuous integration fails. */
public final class TestBackends {
  private TestBackends() {}

  /** Opens a backend with two threads. */
  public static Backend open(String name) {
    BackendProvider provider =
        Backends.providers().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
    Availability availability = provider.probe(Device.CPU);
    if (availability instanceof Unavailable(String cause, String remedy)) {
      String reason = name + " backend unavailable: " + cause + " (" + remedy + ")";
      if ("true".equals(System.getenv("CI"))) {
        fail(reason);
      }
      Assumptions.abort(reason);
    }
    return provider.open(Device.CPU, 2);
  }

  /** Opens the backend that differentiates. */
  public static TrainableBackend openTrainable() {
    return (TrainableBackend) open("torch");
  }
}

package org.codonfuse.compute.vector;

import org.codonfuse.compute.Availability.Available;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backends;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Work;

/**
 * Prints what the probe finds and what is chosen automatically on the CPU; for {@link
 * VectorProbeTest}, which runs it with other flags.
 */
final class VectorProbeMain {
  private VectorProbeMain() {}

  public static void main(String[] arguments) {
    switch (new VectorProvider().probe(Device.CPU)) {
      case Available(String description) -> System.out.println("available: " + description);
      case Unavailable(String cause, String remedy) ->
          System.out.println("unavailable: " + cause + " | " + remedy);
    }
    Backends.Selection selection =
        Backends.select(new Backends.Request("auto", "cpu", 2, Work.INFERENCE));
    System.out.println(selection.describe());
    selection.backend().close();
  }
}

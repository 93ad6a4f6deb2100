package org.codonfuse.compute.torch;

import org.codonfuse.compute.Availability.Available;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Device;

/** Prints what the probe finds; for {@link ProbeTest}, which runs it with other flags. */
final class ProbeMain {
  private ProbeMain() {}

  public static void main(String[] arguments) {
    if (arguments[0].equals("facts")) {
      TorchLibrary.version();
      System.out.println(CudaDevices.facts());
      return;
    }
    switch (new TorchProvider().probe(Device.parse(arguments[0]))) {
      case Available(String description) -> System.out.println("available: " + description);
      case Unavailable(String cause, String remedy) ->
          System.out.println("unavailable: " + cause + " | " + remedy);
    }
  }
}

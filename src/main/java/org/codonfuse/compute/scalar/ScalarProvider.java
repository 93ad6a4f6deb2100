package org.codonfuse.compute.scalar;

import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Availability;
import org.codonfuse.compute.Availability.Available;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendProvider;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Work;

/** The backend that always works and that the others are tested against. */
public final class ScalarProvider implements BackendProvider {
  @Override
  public String name() {
    return ScalarBackend.NAME;
  }

  @Override
  public int priority(Device device, Work work) {
    return 100;
  }

  @Override
  public Availability probe(Device device) {
    return device.equals(Device.CPU)
        ? new Available(ScalarBackend.DESCRIPTION)
        : new Unavailable(
            "it runs on the CPU only", "use --device cpu, or --backend torch for " + device);
  }

  /**
   * Opens the backend.
   *
   * @param threads ignored: operations run on the thread that calls them
   */
  @Override
  public Backend open(Device device, int threads) {
    if (probe(device) instanceof Unavailable(String cause, String remedy)) {
      throw new CodonfuseException(
          "Backend scalar cannot be opened on " + device + ": " + cause + ", " + remedy + ".");
    }
    return new ScalarBackend();
  }
}

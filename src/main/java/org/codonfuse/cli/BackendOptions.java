package org.codonfuse.cli;

import org.codonfuse.compute.Backends;
import org.codonfuse.compute.Backends.Request;
import org.codonfuse.compute.Backends.Selection;
import picocli.CommandLine.Option;

/** What to compute with. */
final class BackendOptions {
  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, torch, vector or scalar (default: ${DEFAULT-VALUE}).")
  private String backend;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "auto, cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device;

  /**
   * Opens the backend asked for and says which one it is.
   *
   * @param trainable whether gradients are needed
   * @return the backend, which the caller closes, and why it was chosen
   */
  Selection open(GlobalOptions global, Console console, boolean trainable) {
    Selection selection =
        Backends.select(new Request(backend, device, global.threads(), trainable));
    console.note(selection.describe());
    return selection;
  }
}

package org.codonfuse.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what this installation can do. */
@Command(
    name = "doctor",
    description = "Show what this installation can do, and for everything missing the remedy.")
final class DoctorCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  @Override
  public Integer call() {
    global.console().print("");
    return 0;
  }
}

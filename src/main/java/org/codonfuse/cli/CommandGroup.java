package org.codonfuse.cli;

import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that does nothing itself and has commands that do. */
@Command(
    synopsisSubcommandLabel = "COMMAND",
    footer = "%nRun '${COMMAND-FULL-NAME} COMMAND --help' for the options of a command.")
abstract class CommandGroup implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // Picocli acts on it.
  private boolean help;

  /** No command was named. */
  @Override
  public void run() {
    Set<String> commands = spec.subcommands().keySet();
    throw new ParameterException(
        spec.commandLine(),
        commands.size() == 1
            ? "Name the command " + commands.iterator().next()
            : "Name one of the commands " + String.join(", ", commands));
  }
}

package org.codonfuse.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code codonfuse bench}: how fast this machine is. */
@Command(
    name = "bench",
    description = "Measure how fast this machine is.",
    synopsisSubcommandLabel = "COMMAND",
    footer = "%nRun 'codonfuse bench COMMAND --help' for the options of a command.",
    subcommands = BenchEmbedCommand.class)
final class BenchCommand implements Runnable {
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
    throw new CommandLine.ParameterException(spec.commandLine(), "Name the command embed");
  }
}

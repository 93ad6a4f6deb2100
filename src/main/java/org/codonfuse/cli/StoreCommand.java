package org.codonfuse.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code codonfuse store}: what can be done with embeddings that are computed already. */
@Command(
    name = "store",
    description = "Looks at, checks, joins and exports embedding stores.",
    synopsisSubcommandLabel = "COMMAND",
    footer = "%nRun 'codonfuse store COMMAND --help' for the options of a command.",
    subcommands = {
      StoreInfoCommand.class,
      StoreVerifyCommand.class,
      StoreMergeCommand.class,
      StoreExportCommand.class
    })
final class StoreCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // Picocli acts on it.
  private boolean help;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "Name one of the commands info, verify, merge, export");
  }
}

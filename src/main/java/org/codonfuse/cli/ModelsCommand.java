package org.codonfuse.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code codonfuse models}: encoders as they are published. */
@Command(
    name = "models",
    description = "List, download, check, convert and make model directories.",
    synopsisSubcommandLabel = "COMMAND",
    footer = "%nRun 'codonfuse models COMMAND --help' for the options of a command.",
    subcommands = {
      ModelsListCommand.class,
      ModelsPullCommand.class,
      ModelsVerifyCommand.class,
      ModelsConvertCommand.class,
      ModelsRandomCommand.class
    })
final class ModelsCommand implements Runnable {
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
    throw new CommandLine.ParameterException(
        spec.commandLine(), "Name one of the commands list, pull, verify, convert, random");
  }
}

package org.codonfuse.cli;

import picocli.CommandLine.Command;

/** {@code codonfuse models}: encoders as they are published. */
@Command(
    name = "models",
    description = "List, download, check, convert and make model directories.",
    subcommands = {
      ModelsListCommand.class,
      ModelsPullCommand.class,
      ModelsVerifyCommand.class,
      ModelsConvertCommand.class,
      ModelsRandomCommand.class
    })
final class ModelsCommand extends CommandGroup {}

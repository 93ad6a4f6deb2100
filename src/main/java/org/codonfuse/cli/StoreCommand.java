package org.codonfuse.cli;

import picocli.CommandLine.Command;

/** {@code codonfuse store}: what can be done with embeddings that are computed already. */
@Command(
    name = "store",
    description = "Looks at, checks, joins and exports embedding stores.",
    subcommands = {
      StoreInfoCommand.class,
      StoreVerifyCommand.class,
      StoreMergeCommand.class,
      StoreExportCommand.class
    })
final class StoreCommand extends CommandGroup {}

package org.codonfuse.cli;

import picocli.CommandLine.Command;

/** {@code codonfuse bench}: how fast this machine is. */
@Command(
    name = "bench",
    description = "Measure how fast this machine is.",
    subcommands = {
      BenchEmbedCommand.class,
      BenchFinetuneCommand.class,
      BenchKernelsCommand.class,
      BenchTrainCommand.class
    })
final class BenchCommand extends CommandGroup {}

package org.codonfuse.cli;

import picocli.CommandLine.Command;

/** {@code codonfuse data}: sets of sequences with measured labels. */
@Command(
    name = "data",
    description = "List and download public data sets.",
    subcommands = {DataListCommand.class, DataDownloadCommand.class})
final class DataCommand extends CommandGroup {}

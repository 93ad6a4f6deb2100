package org.codonfuse.cli;

import picocli.CommandLine.Command;

/** {@code codonfuse data}: sets of sequences with measured labels. */
@Command(
    name = "data",
    description =
        "Describe sets of sequences with measured targets; list and download public ones.",
    subcommands = {DataDescribeCommand.class, DataListCommand.class, DataDownloadCommand.class})
final class DataCommand extends CommandGroup {}

package org.codonfuse.cli;

import picocli.CommandLine.Command;

/** {@code codonfuse lora}: adapters that fine-tuning left. */
@Command(
    name = "lora",
    description = "Looks at LoRA adapters and merges them into their models.",
    subcommands = {LoraInfoCommand.class, LoraMergeCommand.class})
final class LoraCommand extends CommandGroup {}

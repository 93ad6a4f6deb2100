package org.codonfuse.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.codonfuse.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code codonfuse launch}: a command by several processes of this machine. */
@Command(
    name = "launch",
    description = {
      "Runs a command in several processes of this machine, which do it together.",
      "For train, finetune and embed: launch -n 4 -- train ... Each process takes one of the GPUs,"
          + " or its share of the cores and the memory. Under torchrun or srun the commands run in"
          + " several processes, and on several nodes, without this."
    })
final class LaunchCommand implements Callable<Integer> {
  /** As many as a machine may have. */
  private static final int MOST = 256;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // Picocli acts on it.
  private boolean help;

  @Option(
      names = {"-n", "--processes"},
      paramLabel = "N",
      required = true,
      description = "How many.")
  private int processes;

  @Parameters(
      paramLabel = "COMMAND",
      arity = "1..*",
      description = "The command and its options, after --.")
  private List<String> command;

  @Override
  public Integer call() {
    Ranges.atLeast("--processes", processes, 1);
    if (processes > MOST) {
      throw new UsageException("--processes " + processes + " is too large; use at most " + MOST);
    }
    if (command.getFirst().equals(spec.name())) {
      throw new UsageException("launch starts other commands, not itself");
    }
    Console console = new Console(spec.commandLine().getOut(), spec.commandLine().getErr(), false);
    return new LocalProcesses(command, processes, console).run();
  }
}

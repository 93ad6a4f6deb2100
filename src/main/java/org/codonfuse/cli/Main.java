package org.codonfuse.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "codonfuse",
    description = "Multimodal learning on mRNA: DNA, RNA and protein language models.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    footer = "%nRun 'codonfuse COMMAND --help' for the options of a command.",
    subcommands = {
      DemoCommand.class,
      TrainCommand.class,
      FinetuneCommand.class,
      BaselineCommand.class,
      ExperimentCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      ExplainCommand.class,
      DesignCommand.class,
      ReportCommand.class,
      PretrainCommand.class,
      LoraCommand.class,
      EmbedCommand.class,
      AlignCommand.class,
      PoolCommand.class,
      StoreCommand.class,
      MetricsCommand.class,
      DataCommand.class,
      ModelsCommand.class,
      BenchCommand.class,
      LaunchCommand.class,
      DoctorCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private final Processes processes;

  private Main(Processes processes) {
    this.processes = processes;
  }

  /** The processes that do this command together. */
  static Processes processes(CommandSpec command) {
    return command.root().userObject() instanceof Main main
        ? main.processes
        : new Processes(Map.of());
  }

  /** Runs a command and exits with its code: 0, 1 for a failure, 2 for a wrong command line. */
  public static void main(String[] args) {
    StandardOutput output = StandardOutput.create();
    int code = execute(output.printer(), System.err, args);
    System.exit(output.finish(code, System.err));
  }

  /**
   * Runs a command.
   *
   * @param out takes results
   * @param err takes everything else
   * @return the exit code
   */
  static int execute(PrintStream out, PrintStream err, String... args) {
    return execute(System.getenv(), out, err, args);
  }

  /**
   * Runs a command.
   *
   * @param environment the variables of this process
   */
  static int execute(
      Map<String, String> environment, PrintStream out, PrintStream err, String... args) {
    Processes processes = new Processes(environment);
    Verbosity verbosity = Verbosity.of(args);
    (processes.isSilent() && verbosity == Verbosity.NORMAL ? Verbosity.QUIET : verbosity)
        .configureLogging();
    Failures failures = new Failures(err, verbosity == Verbosity.VERBOSE, processes::tells);
    PrintWriter printer = new PrintWriter(out, true, Charset.defaultCharset());
    PrintWriter errors = new PrintWriter(err, true, Charset.defaultCharset());
    try (processes) {
      return new CommandLine(new Main(processes))
          .setOut(printer)
          .setErr(errors)
          .setUsageHelpAutoWidth(true)
          .setCaseInsensitiveEnumValuesAllowed(true)
          .setExecutionStrategy(processes::execute)
          .setParameterExceptionHandler(failures::usage)
          .setExecutionExceptionHandler((e, commandLine, _) -> failures.report(e, commandLine))
          .execute(args);
    } catch (Throwable e) { // Errors, which Picocli passes on: memory, stack, linkage.
      return failures.report(e);
    } finally {
      printer.flush();
      errors.flush();
      out.flush();
    }
  }

  /** No command was named. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Name a command");
  }
}

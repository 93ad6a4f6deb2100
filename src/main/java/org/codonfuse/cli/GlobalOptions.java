package org.codonfuse.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.Optional;
import org.codonfuse.UsageException;
import org.codonfuse.cluster.Cluster;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that every command has. */
final class GlobalOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // Picocli acts on it.
  private boolean help;

  @Option(
      names = {"-q", "--quiet"},
      description = "Say nothing but warnings and failures on standard error.")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "Also show debugging messages, and stack traces of failures.")
  private boolean verbose;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  /** More than any machine has cores, fewer than a system cannot start. */
  private static final int MOST_THREADS = 1024;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Threads to compute with (default: one per core, of which processes have their share).")
  private int threads;

  /** The seed of everything random. */
  long seed() {
    return seed;
  }

  /** Threads to compute with, at least 1. */
  int threads() {
    if (threads < 0) {
      throw new UsageException(
          "--threads " + threads + " is negative; use 1 or more, or 0 for all");
    }
    if (threads > MOST_THREADS) {
      throw new UsageException(
          "--threads " + threads + " is too large; use at most " + MOST_THREADS);
    }
    return threads == 0 ? processes().threads() : threads;
  }

  /** The processes that do this command together; empty if this one does it alone. */
  Optional<Cluster> cluster() {
    return processes().cluster();
  }

  /** This process among others. */
  Processes processes() {
    return Main.processes(spec);
  }

  /** Where this command's words go; one per run of a command. */
  Console console() {
    if (quiet && verbose) {
      throw new UsageException("--quiet and --verbose exclude each other");
    }
    if (cluster().isPresent() && processes().isSilent()) {
      return new Console(new PrintWriter(Writer.nullWriter()), spec.commandLine().getErr(), true);
    }
    return new Console(spec.commandLine().getOut(), spec.commandLine().getErr(), quiet);
  }
}

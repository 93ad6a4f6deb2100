package org.codonfuse.cli;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.cluster.Cluster;
import org.codonfuse.cluster.RankException;
import org.codonfuse.cluster.Ranks;
import org.codonfuse.compute.Peers;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * The processes that do one command together, if torchrun, srun or {@code codonfuse launch} started
 * several: they find each other before the command begins and part when it has ended.
 */
final class Processes implements AutoCloseable {
  /** A command that several processes can do together. */
  interface Shared {
    /** What to do when one of them ends: the end of a sentence. */
    String remedy();
  }

  /** A command that is about the process itself, and that each does for itself. */
  interface OfEach {}

  /** How many seconds to wait for the others. */
  static final String JOIN_TIMEOUT = "CODONFUSE_JOIN_TIMEOUT";

  /** Set for processes whose standard input is held by the one that started them. */
  static final String LAUNCHED = "CODONFUSE_LAUNCHED";

  private static final int JOIN_SECONDS = 300;

  private final Map<String, String> environment;
  private Optional<Cluster> cluster = Optional.empty();

  /**
   * @param environment the variables of this process
   */
  Processes(Map<String, String> environment) {
    this.environment = environment;
    if (environment.containsKey(LAUNCHED)) {
      SelfProcess.endWithParent();
    }
  }

  /** The processes that do this command together; empty if this one does it alone. */
  Optional<Cluster> cluster() {
    return cluster;
  }

  /** How the processes that do this command together find each other. */
  Optional<Peers> peers() {
    return cluster.map(
        joined ->
            new Peers(
                joined.ranks().rank(),
                joined.ranks().size(),
                joined.ranks().host(),
                joined::exchange));
  }

  /** Whether another process says what is done and what came out. */
  boolean isSilent() {
    return ranks().filter(ranks -> !ranks.isFirst()).isPresent();
  }

  /** Threads for this process, at least 1: its share of the cores of the node. */
  int threads() {
    int cores = Runtime.getRuntime().availableProcessors();
    return ranks()
        .filter(_ -> !isBound(cores))
        .map(ranks -> Math.max(1, cores / ranks.localSize()))
        .orElse(cores);
  }

  /** Whether Slurm gave this task cores of its own. */
  private boolean isBound(int cores) {
    try {
      return Integer.parseInt(environment.getOrDefault("SLURM_CPUS_ON_NODE", "0")) > cores;
    } catch (NumberFormatException _) {
      return false;
    }
  }

  /**
   * Which of several processes this is, unless it is not known: that only matters where several can
   * work.
   */
  Optional<Ranks> ranks() {
    try {
      return cluster.map(Cluster::ranks).or(() -> Ranks.of(environment));
    } catch (CodonfuseException _) {
      return Optional.empty();
    }
  }

  /** Runs a command, with the others if it is one for several processes. */
  int execute(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    CommandLine command = last.commandSpec().commandLine();
    if (!last.isUsageHelpRequested()
        && !last.isVersionHelpRequested()
        && !(command.getCommand() instanceof OfEach)) {
      try {
        begin(command);
      } catch (CodonfuseException e) {
        throw new ExecutionException(command, e.getMessage(), e);
      }
    }
    return new RunLast().execute(parsed);
  }

  private void begin(CommandLine command) {
    if (command.getCommand() instanceof Shared shared) {
      Ranks.of(environment).ifPresent(ranks -> join(ranks, shared.remedy()));
    } else if (ranks().isPresent()) {
      throw new UsageException(
          "'%s' is done by one process; start it without launch, torchrun or srun"
              .formatted(command.getCommandSpec().qualifiedName()));
    }
  }

  private void join(Ranks ranks, String remedy) {
    cluster =
        Optional.of(
            Cluster.join(
                ranks, new Cluster.Settings(VersionProvider.version(), patience(), remedy)));
  }

  private Duration patience() {
    String seconds = environment.getOrDefault(JOIN_TIMEOUT, "").strip();
    if (seconds.isEmpty()) {
      return Duration.ofSeconds(JOIN_SECONDS);
    }
    if (!seconds.matches("[1-9]\\d{0,6}")) {
      throw new CodonfuseException(
          JOIN_TIMEOUT + "=" + seconds + " is no number of seconds, such as " + JOIN_SECONDS + ".");
    }
    return Duration.ofSeconds(Integer.parseInt(seconds));
  }

  /**
   * Tells the other processes that this one ends.
   *
   * @param message what the user would read
   * @return whether to tell the user too
   */
  boolean tells(Throwable failure, String message) {
    // What launch starts has one command line; elsewhere it may be wrong in one alone.
    boolean same = environment.containsKey(LAUNCHED);
    if (failure instanceof RankException other) {
      return !(same && other.isUsage());
    }
    boolean usage = failure instanceof ParameterException || failure instanceof UsageException;
    return cluster
        .map(joined -> joined.fail(message, usage))
        .orElse(!(usage && same && isSilent()));
  }

  @Override
  public void close() {
    cluster.ifPresent(Cluster::close);
  }
}

package org.codonfuse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;
import org.codonfuse.UsageException;
import org.codonfuse.cluster.Cluster;
import org.codonfuse.cluster.Ranks;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendProvider;
import org.codonfuse.compute.Backends;
import org.codonfuse.compute.Backends.Request;
import org.codonfuse.compute.Backends.Selection;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.Work;
import picocli.CommandLine.Option;

/** What to compute with. */
final class BackendOptions {
  /** The values of {@code --backend}. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.concat(
              Stream.of("auto"), Backends.providers().stream().map(BackendProvider::name))
          .iterator();
    }
  }

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      completionCandidates = Names.class,
      description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String backend;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "auto, cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--tf32",
      description = "Let float32 products on CUDA devices round their factors to 10 bits.")
  private boolean tf32;

  /**
   * Opens the backend asked for and says which one it is.
   *
   * @param work what it is wanted for
   * @return the backend, which the caller closes, and why it was chosen
   */
  Selection open(GlobalOptions global, Console console, Work work) {
    Optional<Ranks> ranks = global.processes().ranks();
    int processes = ranks.map(Ranks::localSize).orElse(1);
    if (processes > 1 && device.contains(":")) {
      throw new UsageException(
          "--device "
              + device
              + " is one device and this node has "
              + processes
              + " processes; use --device cuda, of which each takes another");
    }
    Selection selection =
        Backends.select(
            new Request(
                backend,
                device,
                global.threads(),
                work,
                ranks.map(Ranks::localRank).orElse(0),
                tf32));
    console.note(selection.describe());
    try {
      global
          .cluster()
          .ifPresent(cluster -> compare(cluster, selection.backend(), work.training(), console));
    } catch (RuntimeException | Error e) {
      selection.backend().close();
      throw e;
    }
    return selection;
  }

  private static void compare(Cluster cluster, Backend mine, boolean training, Console console) {
    byte[] id = mine.deviceId().orElse("").getBytes(UTF_8);
    Devices devices =
        Devices.of(
            cluster.exchange(id).stream()
                .map(each -> Optional.of(new String(each, UTF_8)).filter(s -> !s.isEmpty()))
                .toList());
    devices.require(training);
    if (devices.isShared()) {
      console.note(devices.describeShared());
    }
  }

  /** Opens a backend that trains; see {@link #open}. */
  TrainableBackend openTrainable(GlobalOptions global, Console console) {
    return (TrainableBackend) open(global, console, Work.TRAINING).backend();
  }
}

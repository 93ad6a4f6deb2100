package org.codonfuse.cli;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.codonfuse.CodonfuseException;
import org.codonfuse.cluster.Ranks;
import org.jline.utils.Signals;

/** Processes of this machine that do one command: starts them, and ends them when one failed. */
final class LocalProcesses {
  /**
   * What the others have to end by themselves when one has failed, or all when they are asked to.
   */
  private static final long GRACE_SECONDS = 15;

  /** What they have after they were asked to. */
  private static final long STOP_SECONDS = 5;

  /** Exit codes of processes that a signal ended are above. */
  private static final int SIGNAL = 128;

  private final List<String> arguments;
  private final int count;
  private final Console console;
  private final List<Process> processes = new ArrayList<>();
  private final BlockingQueue<Ended> ends = new LinkedBlockingQueue<>();
  private volatile boolean stopping;

  private record Ended(int rank, int code) {}

  /**
   * @param arguments the command of each
   * @param count how many
   */
  LocalProcesses(List<String> arguments, int count, Console console) {
    this.arguments = arguments;
    this.count = count;
    this.console = console;
  }

  /**
   * Runs them until all have ended.
   *
   * @return the exit code of the one that failed first, 0 if none did
   */
  int run() {
    Thread stop = new Thread(this::destroyAll, "codonfuse-stop-processes");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      start();
      for (String signal : List.of("TERM", "INT", "USR1")) {
        var _ = Signals.register(signal, () -> pass(signal));
      }
      return await();
    } catch (IOException e) {
      throw new CodonfuseException("Processes cannot be started: " + e.getMessage() + ".", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CodonfuseException("Interrupted while waiting for processes.", e);
    } finally {
      destroyAll();
      removeHook(stop);
    }
  }

  private void start() throws IOException {
    Map<String, String> place = new HashMap<>();
    String port = Integer.toString(freePort());
    place.put("WORLD_SIZE", Integer.toString(count));
    place.put("LOCAL_WORLD_SIZE", Integer.toString(count));
    place.put("MASTER_ADDR", InetAddress.getLoopbackAddress().getHostAddress());
    place.put("MASTER_PORT", port);
    place.put(Ranks.PORT, port);
    place.put(Ranks.RUN, UUID.randomUUID().toString());
    place.put(Processes.LAUNCHED, "1");
    for (int rank = 0; rank < count; rank++) {
      ProcessBuilder builder = new ProcessBuilder(SelfProcess.command(count, arguments));
      builder.environment().putAll(place);
      builder.environment().put("RANK", Integer.toString(rank));
      builder.environment().put("LOCAL_RANK", Integer.toString(rank));
      if (rank == 0) {
        builder.redirectOutput(Redirect.INHERIT);
      } else {
        builder.redirectOutput(Redirect.DISCARD);
      }
      Process process = builder.start();
      int number = rank;
      processes.add(process);
      Thread.ofPlatform()
          .daemon()
          .name("codonfuse-rank-" + rank)
          .start(() -> follow(number, process));
    }
  }

  private void follow(int rank, Process process) {
    read(rank, process);
    try {
      ends.add(new Ended(rank, process.waitFor()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void read(int rank, Process process) {
    try (InputStream errors = process.getErrorStream()) {
      if (rank == 0) {
        SelfProcess.copyErrors(errors, new FileOutputStream(FileDescriptor.err));
        return;
      }
      new BufferedReader(new InputStreamReader(errors, Charset.defaultCharset()))
          .lines()
          .filter(line -> !SelfProcess.isOfVirtualMachine(line))
          .forEach(line -> console.failure("[" + rank + "] " + line));
    } catch (IOException e) {
      console.failure("[" + rank + "] its standard error cannot be read: " + e.getMessage());
    }
  }

  private int await() throws InterruptedException {
    int code = 0;
    int left = count;
    boolean killing = false;
    long end = Long.MAX_VALUE;
    while (left > 0) {
      Ended ended =
          code == 0
              ? ends.take()
              : ends.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (ended == null) {
        processes.forEach(killing ? Process::destroyForcibly : Process::destroy);
        end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        killing = true;
        continue;
      }
      left--;
      if (ended.code() == 0 || killing) {
        continue;
      }
      if (code == 0) {
        end = System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
      }
      if (ended.code() > SIGNAL && !stopping) {
        console.failure(
            "Rank %d was killed by signal %d.".formatted(ended.rank(), ended.code() - SIGNAL));
      }
      // Those that end because another one did end with 1.
      code = Math.max(code, ended.code());
    }
    return code;
  }

  private void pass(String signal) {
    if (!signal.equals("USR1")) {
      stopping = true;
      // By the handle: a process's own method also ends its standard input, and so the process.
      processes.forEach(process -> process.toHandle().destroy());
      Thread.ofPlatform().daemon().name("codonfuse-stop").start(this::destroyLater);
      return;
    }
    List<String> command = new ArrayList<>(List.of("sh", "-c", "kill -USR1 \"$@\"", "sh"));
    processes.stream()
        .filter(Process::isAlive)
        .forEach(process -> command.add(Long.toString(process.pid())));
    try {
      new ProcessBuilder(command).inheritIO().start();
    } catch (IOException e) {
      console.failure("SIGUSR1 cannot be passed on: " + e.getMessage());
    }
  }

  private void destroyLater() {
    try {
      Thread.sleep(Duration.ofSeconds(GRACE_SECONDS));
      destroyAll();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void destroyAll() {
    processes.forEach(Process::destroyForcibly);
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is stopping already.
    }
  }
}

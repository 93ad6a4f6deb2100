package org.codonfuse.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.experiment.Cell;
import org.codonfuse.experiment.Experiment;

/**
 * An experiment by several processes: the generator of random numbers and the number of threads are
 * a process's. They run this command again and claim training after training; on standard output
 * they say what they did, and they end when their standard input does.
 */
final class ExperimentWorkers {
  /** Tells a worker that it is one. */
  static final String OPTION = "--worker";

  private static final String FINISHED = "finished";
  private static final String FAILED = "failed";

  private final List<String> arguments;
  private final int jobs;
  private final int threads;
  private final Console console;

  /**
   * @param arguments of this process
   * @param jobs number of workers
   * @param threads of each
   */
  ExperimentWorkers(List<String> arguments, int jobs, int threads, Console console) {
    this.arguments = arguments;
    this.jobs = jobs;
    this.threads = threads;
    this.console = console;
  }

  /** Does cells as a worker. */
  static Experiment.Outcome work(Experiment experiment, List<Cell> cells, PrintWriter out) {
    SelfProcess.endWithParent();
    return experiment.run(
        cells,
        new Experiment.Observer() {
          @Override
          public void started(Cell cell, int number, int of) {}

          @Override
          public void finished(Cell cell, double seconds) {
            say(FINISHED, cell, Double.toString(seconds));
          }

          @Override
          public void failed(Cell cell, String reason) {
            say(FAILED, cell, reason.replaceAll("\\s+", " "));
          }

          private void say(String event, Cell cell, String text) {
            out.println(event + "\t" + cell.id() + "\t" + text);
            out.flush();
          }
        });
  }

  /** Runs the workers until they have done the cells. */
  Experiment.Outcome run(List<Cell> cells, Experiment.Observer observer) {
    Map<String, Cell> byId = cells.stream().collect(Collectors.toMap(Cell::id, cell -> cell));
    Set<Cell> done = new HashSet<>();
    List<Cell> failed = new ArrayList<>();
    Consumer<String> events =
        line -> {
          String[] parts = line.split("\t", 3);
          Cell cell = parts.length == 3 ? byId.get(parts[1]) : null;
          if (cell != null && parts[0].equals(FINISHED)) {
            observer.finished(cell, Double.parseDouble(parts[2]));
            done.add(cell);
          } else if (cell != null) {
            observer.failed(cell, parts[2]);
            failed.add(cell);
          }
        };
    List<Process> workers = new ArrayList<>();
    Thread stop = new Thread(() -> workers.forEach(Process::destroy), "codonfuse-stop-workers");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < Math.min(jobs, cells.size()); i++) {
        Process worker = new ProcessBuilder(command()).start();
        workers.add(worker);
        readers.add(reader(worker.getInputStream(), synchronizedOn(done, events)));
        readers.add(reader(worker.getErrorStream(), this::note));
      }
      for (Thread reader : readers) {
        reader.join();
      }
      for (Process worker : workers) {
        int code = worker.waitFor();
        if (code != 0 && (code != 1 || failed.isEmpty())) {
          throw new CodonfuseException(
              "A worker ended with exit code %d for the reason above; the same command goes on."
                  .formatted(code));
        }
      }
    } catch (IOException e) {
      throw new CodonfuseException(
          "Workers cannot be started (" + e.getMessage() + "); use --jobs 1.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CodonfuseException("Interrupted; the same command goes on.", e);
    } finally {
      workers.forEach(Process::destroy);
      removeHook(stop);
    }
    return new Experiment.Outcome(done.size(), failed, cells.size() - done.size() - failed.size());
  }

  private void note(String line) {
    if (!SelfProcess.isOfVirtualMachine(line)) {
      console.note(line);
    }
  }

  private static Consumer<String> synchronizedOn(Object lock, Consumer<String> consumer) {
    return line -> {
      synchronized (lock) {
        consumer.accept(line);
      }
    };
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is stopping already.
    }
  }

  private static Thread reader(InputStream in, Consumer<String> lines) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (BufferedReader reader =
                  new BufferedReader(new InputStreamReader(in, Charset.defaultCharset()))) {
                reader.lines().forEach(lines);
              } catch (IOException e) {
                lines.accept(e.toString());
              }
            });
  }

  /** This process again, with a share of its memory and threads. */
  private List<String> command() {
    List<String> command =
        new ArrayList<>(withoutOption(withoutOption(arguments, "--jobs"), "--threads"));
    command.removeIf(
        List.of("--overwrite", "--json", "-v", "--verbose", "-q", "--quiet")::contains);
    command.addAll(List.of("--threads", Integer.toString(threads), "--quiet", OPTION));
    List<String> whole = SelfProcess.command(jobs, command);
    whole.removeIf(flag -> flag.startsWith("-Dcodonfuse.terminal"));
    return whole;
  }

  /** Arguments without an option and its value, in both notations. */
  static List<String> withoutOption(List<String> arguments, String option) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).equals(option)) {
        i++;
      } else if (!arguments.get(i).startsWith(option + "=")) {
        kept.add(arguments.get(i));
      }
    }
    return kept;
  }
}

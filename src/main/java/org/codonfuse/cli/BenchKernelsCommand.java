package org.codonfuse.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.bench.Kernel;
import org.codonfuse.bench.Kernel.Bound;
import org.codonfuse.bench.KernelBenchmark;
import org.codonfuse.bench.KernelBenchmark.Result;
import org.codonfuse.bench.Kernels;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendProvider;
import org.codonfuse.compute.Backends;
import org.codonfuse.compute.Backends.Request;
import org.codonfuse.compute.Ceilings;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Work;
import org.codonfuse.io.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse bench kernels}: how fast single operations are on every backend. */
@Command(
    name = "kernels",
    description = {
      "Measure how fast single operations are on each backend, beside what this machine's memory or"
          + " arithmetic does at best.",
      "Backends take turns within an operation. One that is slow gets less to do, see its shapes."
          + " For torch the fastest of what its users would write counts."
    })
final class BenchKernelsCommand implements Callable<Integer> {
  private static final int MOST_MEBIBYTES = 1024;

  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      split = ",",
      description = "Backends (default: all that are available).")
  private List<String> names = List.of();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--kernel",
      paramLabel = "NAME",
      split = ",",
      description = "Kernels, such as codon-mean or linear (default: all).")
  private List<String> kernels = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "1",
      description = "Time for each line of the table (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--rows",
      paramLabel = "MIB",
      defaultValue = "256",
      description =
          "MiB of rows for the kernels that memory bounds; take more than the caches hold"
              + " (default: ${DEFAULT-VALUE}).")
  private int rowMebibytes;

  @Option(
      names = "--block",
      paramLabel = "MIB",
      defaultValue = "16",
      description =
          "MiB of them that one call reads, each call the next ones. Memory for results beyond 32"
              + " MiB comes from the operating system at every call, which costs more than the"
              + " kernel (default: ${DEFAULT-VALUE}).")
  private int blockMebibytes;

  /**
   * A line of the table.
   *
   * @param share of what the machine does at best, where that was measured
   * @param ratio of the rate to that of torch, where it takes part
   */
  private record Row(Result result, OptionalDouble share, OptionalDouble ratio) {
    Map<String, Object> toMap() {
      boolean memory = result.kernel().bound() == Bound.MEMORY;
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("kernel", result.kernel().name());
      map.put("dtype", dtype());
      map.put("shape", result.size().shape());
      map.put("bound", memory ? "memory" : "compute");
      map.put("backend", result.backend());
      map.put("way", result.way());
      map.put("calls", result.calls());
      map.put("seconds", result.seconds());
      map.put(memory ? "bytes_per_second" : "flops", result.rate());
      map.put("share", boxed(share));
      map.put("torch_ratio", boxed(ratio));
      return map;
    }

    String toLine() {
      return String.format(
          Locale.ROOT,
          "%-16s %-8s %-46s %-7s %8.2f %-7s %8s %8s  %s",
          result.kernel().name(),
          dtype(),
          result.size().shape(),
          result.backend(),
          result.rate() / 1e9,
          result.kernel().bound() == Bound.MEMORY ? "GB/s" : "GFLOP/s",
          show("%.0f %%", 100, share),
          show("%.2f", 1, ratio),
          result.way());
    }

    private String dtype() {
      return result.kernel().dtype().name().toLowerCase(Locale.ROOT);
    }

    private static Double boxed(OptionalDouble value) {
      return value.isPresent() ? value.getAsDouble() : null;
    }

    private static String show(String format, double factor, OptionalDouble value) {
      return value.isPresent()
          ? String.format(Locale.ROOT, format, factor * value.getAsDouble())
          : "-";
    }
  }

  /** Backends that are open together. */
  private record Opened(List<Backend> backends) implements AutoCloseable {
    @Override
    public void close() {
      backends.forEach(Backend::close);
    }
  }

  @Override
  public Integer call() {
    Ranges.within("--seconds", seconds, 0.01, 3600);
    Ranges.within("--rows", rowMebibytes, 1, MOST_MEBIBYTES);
    Ranges.within("--block", blockMebibytes, 1, MOST_MEBIBYTES);
    List<Kernel> wanted =
        wanted(Kernels.all((long) rowMebibytes << 20, (long) blockMebibytes << 20));
    Console console = global.console();
    try (Opened opened = new Opened(new ArrayList<>())) {
      open(opened.backends(), console);
      Optional<Ceilings> ceilings = ceilings();
      List<Row> rows = measure(opened.backends(), wanted, ceilings, console.progress());
      report(console, opened.backends(), ceilings, rows);
    }
    return 0;
  }

  private List<Kernel> wanted(List<Kernel> all) {
    List<String> known = all.stream().map(Kernel::name).distinct().toList();
    for (String kernel : kernels) {
      if (!known.contains(kernel)) {
        throw new UsageException(
            "Unknown kernel '"
                + kernel
                + "'; use one or more of "
                + String.join(", ", known)
                + ".");
      }
    }
    return kernels.isEmpty()
        ? all
        : all.stream().filter(kernel -> kernels.contains(kernel.name())).toList();
  }

  private void open(List<Backend> backends, Console console) {
    Device on = on();
    List<BackendProvider> providers = Backends.providers();
    if (names.isEmpty()) {
      for (BackendProvider provider : providers) {
        if (provider.probe(on) instanceof Unavailable(String cause, String remedy)) {
          console.note("Without " + provider.name() + ": " + cause + " (" + remedy + ")");
        } else {
          backends.add(provider.open(on, global.threads()));
        }
      }
      if (backends.isEmpty()) {
        throw new CodonfuseException(
            "--device " + on + ": no backend has it, for the reasons above; use --device cpu.");
      }
    }
    List<String> known = providers.stream().map(BackendProvider::name).toList();
    for (String name : new LinkedHashSet<>(names)) {
      if (!known.contains(name)) {
        throw new UsageException(
            "Unknown backend '" + name + "'; use one or more of " + String.join(", ", known) + ".");
      }
      Request request = new Request(name, on.toString(), global.threads(), Work.INFERENCE);
      backends.add(Backends.select(request).backend());
    }
  }

  private Device on() {
    if (device.equals("auto")) {
      throw new UsageException(
          "--device auto: all backends are measured on one device; give cpu, cuda or cuda:N.");
    }
    return Device.parse(device);
  }

  /** What the first provider that can measure it says; of other devices than the CPU nobody. */
  private Optional<Ceilings> ceilings() {
    return on().equals(Device.CPU)
        ? Backends.providers().stream()
            .flatMap(provider -> provider.ceilings(global.threads()).stream())
            .findFirst()
        : Optional.empty();
  }

  private List<Row> measure(
      List<Backend> backends, List<Kernel> wanted, Optional<Ceilings> ceilings, Progress progress) {
    List<Row> rows = new ArrayList<>();
    try (Progress.Task task = progress.start("Measuring kernels", wanted.size())) {
      KernelBenchmark benchmark = new KernelBenchmark(backends, seconds);
      for (Kernel kernel : wanted) {
        task.message(kernel.name() + " " + kernel.full().shape());
        rows.addAll(rows(benchmark.measure(kernel), ceilings));
        task.step(1);
      }
    }
    return rows;
  }

  private static List<Row> rows(List<Result> results, Optional<Ceilings> ceilings) {
    OptionalDouble torch =
        results.stream()
            .filter(result -> result.backend().equals(KernelBenchmark.REFERENCE))
            .mapToDouble(Result::rate)
            .findFirst();
    List<Row> rows = new ArrayList<>();
    for (Result result : results) {
      OptionalDouble ceiling =
          ceilings.stream()
              .mapToDouble(
                  c -> result.kernel().bound() == Bound.MEMORY ? c.bytesPerSecond() : c.flops())
              .findFirst();
      rows.add(new Row(result, per(result.rate(), ceiling), per(result.rate(), torch)));
    }
    return rows;
  }

  private static OptionalDouble per(double rate, OptionalDouble other) {
    return other.stream().map(value -> rate / value).findFirst();
  }

  private void report(
      Console console, List<Backend> backends, Optional<Ceilings> ceilings, List<Row> rows) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put(
          "backends",
          backends.stream()
              .collect(
                  Collectors.toMap(
                      Backend::name, Backend::description, (a, _) -> a, LinkedHashMap::new)));
      result.put("memory_bytes_per_second", ceilings.map(Ceilings::bytesPerSecond).orElse(null));
      result.put("machine_flops", ceilings.map(Ceilings::flops).orElse(null));
      result.put("results", rows.stream().map(Row::toMap).toList());
      console.json(result);
      return;
    }
    backends.forEach(backend -> console.print(backend.name() + ": " + backend.description()));
    ceilings.ifPresent(
        c ->
            console.print(
                String.format(
                    Locale.ROOT,
                    "machine: %.1f GB/s from memory, %.1f GFLOP/s",
                    c.bytesPerSecond() / 1e9,
                    c.flops() / 1e9)));
    console.print(
        "%-16s %-8s %-46s %-7s %16s %8s %8s  %s"
            .formatted(
                "kernel",
                "type",
                "shape",
                "backend",
                "rate",
                "of best",
                "of torch",
                "computed by"));
    rows.forEach(row -> console.print(row.toLine()));
  }
}

package org.codonfuse.compute;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Availability.Available;
import org.codonfuse.compute.Availability.Unavailable;

/** Chooses a backend at run time and says why. */
public final class Backends {
  private Backends() {}

  /**
   * What is wanted of a backend.
   *
   * @param backend {@code auto} or a backend's name
   * @param device {@code auto} or a device, see {@link Device#parse}
   * @param threads threads within operations; 0 for one per core
   * @param work what it is wanted for
   * @param localRank number of this process among those of this machine, which take its GPUs in
   *     turn where none is named by its number
   * @param tf32 whether factors of float32 products may be rounded to 10 bits, which CUDA devices
   *     can
   */
  public record Request(
      String backend, String device, int threads, Work work, int localRank, boolean tf32) {
    /** What is wanted by the only process. */
    public Request(String backend, String device, int threads, Work work) {
      this(backend, device, threads, work, 0, false);
    }
  }

  /**
   * An open backend and the reasons against the others that were tried before it.
   *
   * @param backend the chosen one; the caller closes it
   * @param rejected cause and remedy by {@code name (device)}, in order
   */
  public record Selection(Backend backend, Map<String, Unavailable> rejected) {
    /** One line: what runs, and for every rejected backend why and what would change it. */
    public String describe() {
      String chosen = "Backend " + backend.name() + ": " + backend.description();
      return rejected.entrySet().stream()
          .map(
              entry ->
                  "; not "
                      + entry.getKey()
                      + ": "
                      + entry.getValue().cause()
                      + " ("
                      + entry.getValue().remedy()
                      + ")")
          .collect(Collectors.joining("", chosen, ""));
    }
  }

  /**
   * A provider, a device that is asked of it, and its priority, which takes a look at the machine.
   */
  private record Candidate(BackendProvider provider, Device device, int priority) {}

  /** All providers in one order on every machine: the most preferred for training first. */
  public static List<BackendProvider> providers() {
    return ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(
            Comparator.comparingInt((BackendProvider p) -> p.priority(Device.CPU, Work.TRAINING))
                .reversed())
        .toList();
  }

  /**
   * Opens the backend that a request describes. A forced backend or device that is unavailable is
   * an error with its cause and remedy; only {@code auto} goes on to the next.
   *
   * @throws UsageException for an unknown backend or device name, or TF32 where no CUDA device is
   *     chosen
   * @throws NoBackendException if nothing fits
   */
  public static Selection select(Request request) {
    return select(request, providers());
  }

  static Selection select(Request request, List<BackendProvider> providers) {
    String wanted = request.backend();
    if (!wanted.equals("auto") && providers.stream().noneMatch(p -> p.name().equals(wanted))) {
      throw new UsageException(
          "Unknown backend '"
              + wanted
              + "'; use auto or one of "
              + providers.stream().map(BackendProvider::name).collect(Collectors.joining(", "))
              + ".");
    }
    Optional<Device> device =
        request.device().equals("auto")
            ? Optional.empty()
            : Optional.of(Device.parse(request.device()));
    int threads =
        request.threads() > 0 ? request.threads() : Runtime.getRuntime().availableProcessors();
    Map<String, Unavailable> rejected = new LinkedHashMap<>();
    for (Candidate candidate : candidates(request, device, providers)) {
      BackendProvider provider = candidate.provider();
      switch (provider.probe(candidate.device())) {
        case Available _ -> {
          Backend backend = open(candidate, threads, request, rejected);
          if (request.work().training() && !(backend instanceof TrainableBackend)) {
            backend.close();
            rejected.put(
                provider.name(),
                new Unavailable("it cannot compute gradients", "use --backend torch"));
          } else {
            return new Selection(backend, rejected);
          }
        }
        case Unavailable reason ->
            rejected.put(provider.name() + " (" + candidate.device() + ")", reason);
      }
    }
    throw failure(request, rejected);
  }

  private static Backend open(
      Candidate chosen, int threads, Request request, Map<String, Unavailable> rejected) {
    if (!request.tf32()) {
      return chosen.provider().open(chosen.device(), threads);
    }
    if (chosen.device().kind() != Device.Kind.CUDA) {
      throw new UsageException(
          "--tf32 is for CUDA devices and backend "
              + chosen.provider().name()
              + " would compute on the CPU"
              + (rejected.isEmpty() ? "" : " (" + reasons(rejected) + ")")
              + "; leave it out");
    }
    return chosen.provider().openWithTf32(chosen.device(), threads);
  }

  /** In the order in which they are tried. */
  private static List<Candidate> candidates(
      Request request, Optional<Device> device, List<BackendProvider> providers) {
    boolean anyGpu = request.device().toLowerCase(Locale.ROOT).equals("cuda");
    return providers.stream()
        .filter(p -> request.backend().equals("auto") || p.name().equals(request.backend()))
        .flatMap(
            provider ->
                device
                    .map(given -> List.of(anyGpu ? gpu(provider, request) : given))
                    .orElseGet(() -> devices(provider, request))
                    .stream()
                    .map(
                        each ->
                            new Candidate(provider, each, provider.priority(each, request.work()))))
        .sorted(Comparator.comparingInt(Candidate::priority).reversed())
        .toList();
  }

  private static List<Device> devices(BackendProvider provider, Request request) {
    return provider.kinds().contains(Device.Kind.CUDA)
        ? List.of(gpu(provider, request), Device.CPU)
        : List.of(Device.CPU);
  }

  private static Device gpu(BackendProvider provider, Request request) {
    // One process need not count them.
    int count = request.localRank() == 0 ? 1 : provider.count(Device.Kind.CUDA);
    return new Device(Device.Kind.CUDA, request.localRank() % count);
  }

  private static NoBackendException failure(Request request, Map<String, Unavailable> rejected) {
    String what =
        request.work().training()
            ? "Training needs a backend with gradients"
            : "No backend is available";
    return new NoBackendException(
        what + " for --backend " + request.backend() + " --device " + request.device(),
        reasons(rejected));
  }

  /** What several have in common is said once. */
  private static String reasons(Map<String, Unavailable> rejected) {
    Map<Unavailable, List<String>> names = new LinkedHashMap<>();
    rejected.forEach(
        (name, reason) -> names.computeIfAbsent(reason, _ -> new ArrayList<>()).add(name));
    return names.entrySet().stream()
        .map(
            entry ->
                String.join(", ", entry.getValue())
                    + ": "
                    + entry.getKey().cause()
                    + ", "
                    + entry.getKey().remedy())
        .collect(Collectors.joining("; "));
  }
}

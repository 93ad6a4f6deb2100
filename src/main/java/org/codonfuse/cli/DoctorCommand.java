package org.codonfuse.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Availability;
import org.codonfuse.compute.Availability.Available;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendProvider;
import org.codonfuse.compute.Backends;
import org.codonfuse.compute.Backends.Request;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Work;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what this installation can do, and for everything missing the remedy. */
@Command(
    name = "doctor",
    description = "Show what this installation can do, and for everything missing the remedy.")
final class DoctorCommand implements Callable<Integer>, Processes.OfEach {
  private static final List<Device> DEVICES = List.of(Device.CPU, new Device(Device.Kind.CUDA, 0));

  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  /** A backend and what it says of every device. */
  private record Finding(
      String backend, Map<Device, Availability> devices, Map<String, Object> details) {}

  /** What would run: a backend, or the reason why none would. */
  private record Choice(boolean possible, String text) {}

  @Override
  public Integer call() {
    Console console = global.console();
    Machine machine = Machine.here();
    List<Finding> findings = Backends.providers().stream().map(DoctorCommand::ask).toList();
    Choice inference = choose(Work.INFERENCE);
    Choice training = choose(Work.TRAINING);
    if (json.wanted()) {
      console.json(results(machine, findings, inference, training));
    } else {
      lines(machine, findings, inference, training).forEach(console::print);
    }
    return inference.possible() ? 0 : 1;
  }

  private static Finding ask(BackendProvider provider) {
    Map<Device, Availability> devices = new LinkedHashMap<>();
    DEVICES.forEach(device -> devices.put(device, provider.probe(device)));
    return new Finding(provider.name(), devices, provider.details());
  }

  private Choice choose(Work work) {
    Request request = new Request("auto", "auto", global.threads(), work);
    try (Backend backend = Backends.select(request).backend()) {
      return new Choice(true, backend.name() + ": " + backend.description());
    } catch (CodonfuseException e) {
      return new Choice(false, e.getMessage());
    }
  }

  private static Map<String, Object> results(
      Machine machine, List<Finding> findings, Choice inference, Choice training) {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("version", VersionProvider.version());
    Machine.Java java = machine.java();
    results.put(
        "java",
        object(
            "version", java.version(),
            "vendor", java.vendor(),
            "vm", java.vm(),
            "compiler", java.compiler().orElse(null),
            "home", java.home()));
    Machine.Platform platform = machine.platform();
    results.put(
        "system",
        object(
            "name", platform.name(),
            "version", platform.version(),
            "architecture", platform.architecture()));
    Machine.Cpu cpu = machine.cpu();
    results.put(
        "cpu",
        object(
            "model", cpu.model().orElse(null),
            "processors", cpu.processors(),
            "vectorExtension", cpu.vectors().map(Enum::name).orElse(null),
            "vectorModule", cpu.vectorBits().isPresent(),
            "vectorBits", cpu.vectorBits().isPresent() ? cpu.vectorBits().getAsInt() : null));
    results.put(
        "memory",
        object(
            "physicalBytes", machine.memory().physicalBytes(),
            "maximumHeapBytes", machine.memory().maximumHeapBytes()));
    results.put("backends", findings.stream().map(DoctorCommand::object).toList());
    results.put("chosen", object(inference));
    results.put("training", object(training));
    return results;
  }

  private static Map<String, Object> object(Finding finding) {
    List<Map<String, Object>> devices = new ArrayList<>();
    finding
        .devices()
        .forEach(
            (device, availability) ->
                devices.add(
                    switch (availability) {
                      case Available available ->
                          object(
                              "device", device.toString(),
                              "available", true,
                              "description", available.description());
                      case Unavailable reason ->
                          object(
                              "device", device.toString(),
                              "available", false,
                              "cause", reason.cause(),
                              "remedy", reason.remedy());
                    }));
    return object("name", finding.backend(), "devices", devices, "details", finding.details());
  }

  private static Map<String, Object> object(Choice choice) {
    return object(
        "possible", choice.possible(), choice.possible() ? "backend" : "cause", choice.text());
  }

  private static Map<String, Object> object(Object... keysAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      object.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return object;
  }

  private static List<String> lines(
      Machine machine, List<Finding> findings, Choice inference, Choice training) {
    Machine.Java java = machine.java();
    Machine.Platform platform = machine.platform();
    Machine.Cpu cpu = machine.cpu();
    List<String> lines = new ArrayList<>();
    lines.add("Codonfuse  " + VersionProvider.version());
    lines.add("Java       " + java.version() + ", " + java.vendor() + ", " + java.vm());
    lines.add("           " + java.compiler().orElse("no compiler: everything is interpreted"));
    lines.add("           " + java.home());
    lines.add(
        "System     "
            + String.join(" ", platform.name(), platform.version(), platform.architecture()));
    lines.add(
        "CPU        "
            + cpu.model().orElse("unknown model")
            + ", "
            + cpu.processors()
            + (cpu.processors() == 1 ? " processor, " : " processors, ")
            + cpu.vectors().map(Object::toString).orElse("vector extension unknown"));
    cpu.vectorBits().ifPresent(bits -> lines.add("           Vector API: " + bits + " bits"));
    lines.add(
        "Memory     "
            + gibibytes(machine.memory().physicalBytes())
            + ", Java heap up to "
            + gibibytes(machine.memory().maximumHeapBytes()));
    for (Finding finding : findings) {
      lines.add("");
      lines.add("Backend " + finding.backend());
      Map<Availability, List<Device>> alike =
          finding.devices().entrySet().stream()
              .collect(
                  Collectors.groupingBy(
                      Map.Entry::getValue,
                      LinkedHashMap::new,
                      Collectors.mapping(Map.Entry::getKey, Collectors.toList())));
      alike.forEach((availability, devices) -> lines.addAll(describe(devices, availability)));
      finding.details().forEach((key, value) -> lines.addAll(describe(key, value)));
    }
    lines.add("");
    lines.add("Chosen     " + inference.text());
    lines.add(
        "Training   "
            + (training.possible() ? training.text() : "not possible, see the remedies above"));
    return lines;
  }

  private static List<String> describe(List<Device> where, Availability availability) {
    String devices = where.stream().map(Device::toString).collect(Collectors.joining(", "));
    return switch (availability) {
      case Available available -> List.of("  " + devices + ": " + available.description());
      case Unavailable reason ->
          List.of(
              "  " + devices + ": unavailable, " + reason.cause(),
              "    remedy: " + reason.remedy());
    };
  }

  private static List<String> describe(String key, Object value) {
    return value instanceof List<?> items
        ? items.stream().map(item -> "  " + key + ": " + item).toList()
        : List.of("  " + key + ": " + value);
  }

  private static String gibibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }
}

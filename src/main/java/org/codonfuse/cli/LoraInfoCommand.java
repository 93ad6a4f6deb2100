package org.codonfuse.cli;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.encoder.AdapterUpdate;
import org.codonfuse.encoder.PublishedEncoder;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.lora.LoraSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code codonfuse lora info}: what adapters are and how much they change. */
@Command(
    name = "info",
    description = {
      "Says what an adapter, or each of a run, adapts, and how much it changes the weights: the"
          + " Frobenius norm of what is added, as a share of that of the weight."
    })
final class LoraInfoCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private AdapterArguments arguments;

  /**
   * What is known of an adapter with its model.
   *
   * @param encoderParameters number of values of the model
   * @param updates of its weights
   */
  private record Compared(long encoderParameters, List<AdapterUpdate> updates) {}

  @Override
  public Integer call() {
    Console console = global.console();
    List<Map<String, Object>> results = new ArrayList<>();
    for (AdapterArguments.Adapted adapted : arguments.read(console)) {
      Optional<Compared> compared = compare(adapted, console);
      if (json.wanted()) {
        results.add(toMap(adapted, compared));
      } else {
        lines(adapted, compared).forEach(console::print);
      }
    }
    if (json.wanted()) {
      console.json(Map.of("adapters", results));
    }
    return 0;
  }

  /**
   * Empty if the model is not at hand or another one by now, which is no error if it was not given.
   */
  private static Optional<Compared> compare(AdapterArguments.Adapted adapted, Console console) {
    if (!adapted.given() && adapted.base().filter(Files::isDirectory).isEmpty()) {
      return Optional.empty();
    }
    try (PublishedEncoder base = PublishedEncoder.open(adapted.requireBase(), Optional.empty())) {
      adapted.adapter().requireBase(adapted.requireBase(), base::fingerprint);
      return Optional.of(
          new Compared(base.parameters(), AdapterUpdate.of(base, adapted.adapter())));
    } catch (CodonfuseException e) {
      if (adapted.given()) {
        throw e;
      }
      console.note(e.getMessage());
      return Optional.empty();
    }
  }

  private static String base(AdapterArguments.Adapted adapted) {
    return adapted
        .base()
        .map(Object::toString)
        .or(() -> adapted.adapter().base().name())
        .orElse("unknown");
  }

  private static Map<String, Object> toMap(
      AdapterArguments.Adapted adapted, Optional<Compared> compared) {
    LoraAdapter adapter = adapted.adapter();
    LoraSettings settings = adapter.settings();
    Map<String, Object> map = new LinkedHashMap<>();
    adapted.stream().ifPresent(stream -> map.put("stream", stream));
    map.put("adapter", adapted.directory().toString());
    map.put("base_model", base(adapted));
    map.put("base_model_at_hand", compared.isPresent());
    map.put("rank", settings.rank());
    map.put("alpha", settings.alpha());
    map.put("rank_stabilised", settings.rankStabilised());
    map.put("scale", settings.scale());
    map.put("dropout", settings.dropout());
    map.put("targets", settings.targets());
    map.put("modules", adapter.modules().size());
    map.put("parameters", adapter.parameters());
    compared.ifPresent(with -> map.put("encoder_parameters", with.encoderParameters()));
    List<Map<String, Object>> updates = new ArrayList<>();
    if (compared.isPresent()) {
      for (AdapterUpdate update : compared.get().updates()) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("module", update.module().path());
        entry.put("norm", update.norm());
        entry.put("relative_norm", update.relative());
        updates.add(entry);
      }
    } else {
      adapter
          .modules()
          .forEach(
              (path, factors) ->
                  updates.add(Map.of("module", path, "norm", factors.norm(settings.scale()))));
    }
    map.put("updates", updates);
    return map;
  }

  private static List<String> lines(AdapterArguments.Adapted adapted, Optional<Compared> compared) {
    LoraAdapter adapter = adapted.adapter();
    LoraSettings settings = adapter.settings();
    List<String> lines = new ArrayList<>();
    lines.add(adapted.directory() + ":");
    lines.add(
        line(
            "base model",
            base(adapted)
                + (compared.isPresent()
                    ? ""
                    : " (not at hand; --model gives it, for the size of the updates)")));
    lines.add(line("rank", settings.rank()));
    lines.add(line("alpha", number(settings.alpha())));
    lines.add(
        line(
            "scale",
            number(settings.scale())
                + (settings.rankStabilised() ? " (alpha / √rank)" : " (alpha / rank)")));
    lines.add(line("dropout", number(settings.dropout())));
    lines.add(line("targets", targets(settings)));
    lines.add(line("modules", adapter.modules().size()));
    String parameters = String.format(Locale.ROOT, "%,d", adapter.parameters());
    lines.add(
        line(
            "parameters",
            compared
                .map(
                    with ->
                        String.format(
                            Locale.ROOT,
                            "%s, %.2f %% of the encoder's %,d",
                            parameters,
                            100.0 * adapter.parameters() / with.encoderParameters(),
                            with.encoderParameters()))
                .orElse(parameters)));
    compared.ifPresent(with -> lines.addAll(updates(with.updates())));
    return lines;
  }

  private static String targets(LoraSettings settings) {
    int most = 8;
    List<String> targets = settings.targets();
    return targets.size() <= most
        ? String.join(", ", targets)
        : String.join(", ", targets.subList(0, most)) + " and " + (targets.size() - most) + " more";
  }

  /** One line a kind of module: a deep encoder has hundreds. */
  private static List<String> updates(List<AdapterUpdate> updates) {
    Map<String, List<AdapterUpdate>> kinds =
        updates.stream()
            .collect(
                Collectors.groupingBy(
                    update -> update.module().path().replaceFirst("^encoder\\.layer\\.\\d+\\.", ""),
                    LinkedHashMap::new,
                    Collectors.toList()));
    int width = kinds.keySet().stream().mapToInt(String::length).max().orElse(0);
    List<String> lines = new ArrayList<>();
    lines.add("  norm of the updates as a share of the weights':");
    kinds.forEach(
        (kind, of) -> {
          AdapterUpdate largest =
              of.stream().max((a, b) -> Double.compare(a.relative(), b.relative())).orElseThrow();
          double mean = of.stream().mapToDouble(AdapterUpdate::relative).average().orElseThrow();
          lines.add(
              String.format(
                  Locale.ROOT,
                  "    %-" + width + "s  mean %s, at most %s in layer %d",
                  kind,
                  percent(mean),
                  percent(largest.relative()),
                  largest.module().layer()));
        });
    return lines;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.3g %%", 100 * share);
  }

  private static String line(String name, Object value) {
    return "  %-10s  %s".formatted(name, value);
  }

  private static String number(double value) {
    return BigDecimal.valueOf(value).round(new MathContext(5)).stripTrailingZeros().toPlainString();
  }
}

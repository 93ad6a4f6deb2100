package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.encoder.EncoderPreset;
import org.codonfuse.weights.hub.Hub;
import org.codonfuse.weights.hub.HubSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code codonfuse models list}: the presets, without touching the network. */
@Command(
    name = "list",
    description = {
      "Lists the published encoders that have a short name, and which of them are in the cache.",
      "Any other model of these families is given as its id on the hub."
    })
final class ModelsListCommand implements Callable<Integer> {
  private static final String ROW = "%-31s %-8s %10s  %-6s  %s";

  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  @Override
  public Integer call() {
    Console console = global.console();
    Hub hub = new Hub(HubSettings.ofProcess());
    Map<EncoderPreset, Optional<Path>> presets = new LinkedHashMap<>();
    for (EncoderPreset preset : EncoderPreset.ALL) {
      presets.put(preset, hub.cached(preset.hub(), preset.files()));
    }
    if (json.wanted()) {
      Map<String, Object> results = new LinkedHashMap<>();
      results.put("cache", hub.settings().cache().toString());
      results.put(
          "models",
          presets.entrySet().stream()
              .map(entry -> object(entry.getKey(), entry.getValue()))
              .toList());
      console.json(results);
    } else {
      console.print(ROW.formatted("model", "reads", "size", "cached", "licence of the weights"));
      presets.forEach((preset, directory) -> console.print(row(preset, directory.isPresent())));
      console.print("");
      console.print("Sizes are those of the weights in float32. Cache: " + hub.settings().cache());
    }
    return 0;
  }

  private static String row(EncoderPreset preset, boolean cached) {
    return String.format(
        Locale.ROOT,
        ROW,
        preset.name(),
        preset.family().molecule().label(),
        size(preset.bytes()),
        cached ? "yes" : "no",
        preset.licence());
  }

  private static String size(long bytes) {
    double mebibytes = bytes / (double) (1 << 20);
    return mebibytes < 1024
        ? String.format(Locale.ROOT, "%.0f MiB", mebibytes)
        : String.format(Locale.ROOT, "%.1f GiB", mebibytes / 1024);
  }

  private static Map<String, Object> object(EncoderPreset preset, Optional<Path> directory) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", preset.name());
    object.put("molecule", preset.family().molecule().label());
    object.put("repository", preset.hub().repository());
    object.put("revision", preset.hub().revision());
    object.put("licence", preset.licence());
    object.put("layers", preset.layers());
    object.put("hiddenSize", preset.hiddenSize());
    object.put("heads", preset.heads());
    object.put("intermediateSize", preset.intermediateSize());
    object.put("parameters", preset.parameters());
    object.put("bytes", preset.bytes());
    object.put("directory", directory.map(Path::toString).orElse(null));
    return object;
  }
}

package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.codonfuse.embedding.store.AlignedStream;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.embedding.store.StoreSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code codonfuse store info}: what a store holds. */
@Command(name = "info", description = "Says what an embedding store holds.")
final class StoreInfoCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  @Parameters(
      paramLabel = "STORE",
      description = "Directory that 'codonfuse embed' or 'align' wrote.")
  private Path directory;

  @Override
  public Integer call() {
    Console console = global.console();
    StoreSummary summary = StoreSummary.of(directory);
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("store", directory.toString());
      result.put("parts_present", summary.parts());
      result.put("bytes", summary.bytes());
      result.putAll(summary.manifest().toMap());
      console.json(result);
    } else {
      print(console, summary);
    }
    return 0;
  }

  private void print(Console console, StoreSummary summary) {
    StoreManifest manifest = summary.manifest();
    console.print(
        directory + ": " + (manifest.complete() ? "complete" : "not complete, " + summary.share()));
    if (manifest.isAligned()) {
      manifest.streams().forEach(stream -> stream(console, stream));
    } else {
      encoder(console, manifest);
    }
    line(console, "pooling", manifest.pooling().label());
    line(
        console,
        "precision",
        label(manifest.precision().computed())
            + (manifest.precision().computed() == manifest.precision().stored()
                ? ""
                : ", stored as " + label(manifest.precision().stored())));
    line(console, "width", manifest.width());
    manifest.share().ifPresent(shard -> line(console, "shard", shard));
    manifest
        .counts()
        .forEach(
            (name, count) -> {
              if (!name.equals(StoreManifest.PARTS)) {
                line(console, name, count);
              }
            });
    line(console, "parts", summary.parts());
    line(console, "size", size(summary.bytes()));
  }

  private static void encoder(Console console, StoreManifest manifest) {
    StoreManifest.Model model = manifest.model();
    line(console, "model", model.id());
    line(console, "revision", model.revision() == null ? "unknown" : model.revision());
    line(console, "sha256", model.sha256());
    line(console, "molecule", manifest.molecule().label());
    line(console, "layer", manifest.layer());
  }

  private static void stream(Console console, AlignedStream stream) {
    String model = "%s (%.8s)".formatted(stream.model(), stream.sha256());
    line(console, stream.molecule().label(), model + ", " + stream.columns());
  }

  private static void line(Console console, String name, Object value) {
    console.print("  %-10s %s".formatted(name, value));
  }

  private static String label(Enum<?> type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  private static String size(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = bytes;
    int unit = 0;
    while (size >= 1024 && unit < units.length - 1) {
      size /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
  }
}

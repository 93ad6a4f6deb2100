package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Precision;
import org.codonfuse.encoder.PublishedEncoder;
import org.codonfuse.weights.StoredType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse lora merge}: adapted models as models of their own. */
@Command(
    name = "merge",
    description = {
      "Writes models with the updates of their adapters in the weights, as config.json, vocab.txt"
          + " and model.safetensors, which need no adapter and load in Python, too.",
      "Of a run one directory a stream is written, in --output."
    })
final class LoraMergeCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private AdapterArguments arguments;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "Directory to write, which holds no models yet.")
  private Path output;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "float32, float16 or bfloat16 (default: ${DEFAULT-VALUE}; small updates are lost in the"
              + " rounding of the others).",
      defaultValue = "float32")
  private String dtype;

  @Override
  public Integer call() {
    Console console = global.console();
    StoredType type = StoredType.of(Precision.of(dtype).dtype());
    List<AdapterArguments.Adapted> adapters = arguments.read(console);
    // Before anything is written: what is wrong with one of several is said at once.
    for (AdapterArguments.Adapted adapted : adapters) {
      Path weights = target(adapted).resolve("model.safetensors");
      if (Files.exists(weights, LinkOption.NOFOLLOW_LINKS)) {
        throw new CodonfuseException(weights + ": is there already; choose another --output.");
      }
      open(adapted).close();
    }
    Map<String, Object> written = new LinkedHashMap<>();
    for (AdapterArguments.Adapted adapted : adapters) {
      Path target = target(adapted);
      try (PublishedEncoder encoder = open(adapted)) {
        encoder.requireFinite(console.progress());
        encoder.write(target, Optional.of(type));
      }
      if (!json.wanted()) {
        console.print(
            "%s: %s merged with %s, %s parameters adapted, %s"
                .formatted(
                    target,
                    adapted.requireBase(),
                    adapted.directory(),
                    String.format(Locale.ROOT, "%,d", adapted.adapter().parameters()),
                    dtype.toLowerCase(Locale.ROOT)));
      }
      written.put(adapted.stream().orElse("model"), target.toString());
    }
    if (json.wanted()) {
      console.json(Map.of("merged", written));
    }
    return 0;
  }

  private static PublishedEncoder open(AdapterArguments.Adapted adapted) {
    return PublishedEncoder.open(adapted.requireBase(), Optional.of(adapted.adapter()));
  }

  private Path target(AdapterArguments.Adapted adapted) {
    return adapted.stream().map(output::resolve).orElse(output);
  }
}

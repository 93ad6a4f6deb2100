package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.training.run.RunAdapter;
import org.codonfuse.training.run.RunDirectory;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adapters, of a run or alone, and the models that they change. */
final class AdapterArguments {
  private static final Pattern NAMED = Pattern.compile("([a-z][a-z0-9_-]*)=(.+)");

  @Parameters(
      paramLabel = "RUN|ADAPTER",
      description =
          "Directory of a run that 'codonfuse finetune' wrote, or of an adapter as PEFT keeps it.")
  private Path directory;

  @Option(
      names = "--model",
      paramLabel = "[STREAM=]MODEL",
      description =
          "The model that an adapter changes, if it is no longer where it was: a directory, a"
              + " preset or an id on the hub. Of a run with several adapters, with the name of the"
              + " stream.")
  private List<String> models = List.of();

  /**
   * An adapter and the model that it changes.
   *
   * @param stream of a run; empty for an adapter alone
   * @param directory of the adapter
   * @param given whether the model was named on the command line
   * @param base where the model is, if it is known
   */
  record Adapted(
      Optional<String> stream,
      Path directory,
      LoraAdapter adapter,
      boolean given,
      Optional<Path> base) {
    /** The model. */
    Path requireBase() {
      return base.filter(Files::isDirectory)
          .orElseThrow(
              () ->
                  new CodonfuseException(
                      "%s: the model that it changes%s is not here; give it with --model %sMODEL."
                          .formatted(
                              directory,
                              base.map(Path::toString)
                                  .or(() -> adapter.base().name())
                                  .map(name -> ", " + name + ",")
                                  .orElse(""),
                              stream.map(name -> name + "=").orElse(""))));
    }
  }

  /** What was named. */
  Path directory() {
    return directory;
  }

  /**
   * Reads the adapters.
   *
   * @throws CodonfuseException if there are none, or one cannot be read
   */
  List<Adapted> read(Console console) {
    if (LoraAdapter.isAdapter(directory)) {
      return List.of(alone(LoraAdapter.read(directory), console));
    }
    if (Files.notExists(directory.resolve(RunDirectory.CONFIG))) {
      throw new CodonfuseException(
          "%s: is neither a run nor an adapter: it has neither %s nor %s; check the path."
              .formatted(directory, RunDirectory.CONFIG, LoraAdapter.CONFIG));
    }
    List<RunAdapter> adapters = RunAdapter.of(directory);
    if (adapters.isEmpty()) {
      throw new CodonfuseException(
          directory
              + ": has no adapters, because no encoder was fine-tuned by LoRA; name a run of"
              + " 'codonfuse finetune' without --full.");
    }
    Map<String, String> given = given(adapters);
    return adapters.stream().map(adapter -> of(adapter, given, console)).toList();
  }

  private Adapted alone(LoraAdapter adapter, Console console) {
    if (models.size() > 1) {
      throw new UsageException(directory + " is one adapter; give one --model.");
    }
    Optional<Path> base =
        models.isEmpty()
            ? adapter.base().name().flatMap(AdapterArguments::path)
            : Optional.of(new ModelResolver(console).resolve(models.getFirst()));
    return new Adapted(Optional.empty(), directory, adapter, !models.isEmpty(), base);
  }

  private Adapted of(RunAdapter adapter, Map<String, String> given, Console console) {
    Optional<String> model = Optional.ofNullable(given.get(adapter.stream()));
    return new Adapted(
        Optional.of(adapter.stream()),
        RunAdapter.directory(directory, adapter.stream()),
        adapter.adapter(),
        model.isPresent(),
        Optional.of(model.map(new ModelResolver(console)::resolve).orElse(adapter.base())));
  }

  /** The models that were given, by stream. */
  private Map<String, String> given(List<RunAdapter> adapters) {
    List<String> streams = adapters.stream().map(RunAdapter::stream).toList();
    List<String> unknown = new ArrayList<>();
    Map<String, String> given = new HashMap<>();
    for (String model : models) {
      Matcher named = NAMED.matcher(model);
      if (named.matches() && streams.contains(named.group(1))) {
        given.put(named.group(1), named.group(2));
      } else if (streams.size() == 1 && !named.matches()) {
        given.put(streams.getFirst(), model);
      } else {
        unknown.add(model);
      }
    }
    if (!unknown.isEmpty()) {
      throw new UsageException(
          "%s: --model %s names none of its adapters; give %s."
              .formatted(
                  directory,
                  unknown.getFirst(),
                  streams.stream()
                      .map(stream -> "--model " + stream + "=MODEL")
                      .collect(Collectors.joining(" or "))));
    }
    return given;
  }

  private static Optional<Path> path(String name) {
    try {
      return Optional.of(Path.of(name)).filter(Files::isDirectory);
    } catch (InvalidPathException _) {
      return Optional.empty();
    }
  }
}

package org.codonfuse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.encoder.EncoderConfig;
import org.codonfuse.encoder.PublishedEncoder;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.weights.Sha256;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse models verify}: whether a model directory is whole. */
@Command(
    name = "verify",
    description = {
      "Reads a model directory as an encoder would, and every number in it, and says what it is.",
      "Fails with one sentence if a file is missing, damaged or belongs to another model."
    })
final class ModelsVerifyCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  @Parameters(
      paramLabel = "DIR",
      description =
          "Directory with config.json, vocab.txt and weights: model.safetensors, also in several"
              + " files with an index, pytorch_model.bin, *.pth or *.pt.")
  private Path directory;

  @Option(
      names = "--sha256",
      paramLabel = "HEX",
      description = "SHA-256 that the weight file must have.")
  private Optional<String> sha256 = Optional.empty();

  /** A file and what identifies it. */
  private record Entry(String name, long bytes, String sha256) {}

  @Override
  public Integer call() {
    Console console = global.console();
    sha256.ifPresent(ModelsVerifyCommand::requireDigest);
    try (PublishedEncoder encoder = PublishedEncoder.open(directory)) {
      List<Entry> files = encoder.files().stream().map(ModelsVerifyCommand::entry).toList();
      sha256.ifPresent(expected -> check(expected, encoder.files(), files));
      encoder.requireFinite(console.progress());
      if (json.wanted()) {
        console.json(results(encoder, files));
      } else {
        lines(encoder, files).forEach(console::print);
      }
    }
    return 0;
  }

  private static void requireDigest(String digest) {
    if (!digest.matches("[0-9a-fA-F]{64}")) {
      throw new UsageException("--sha256 takes 64 hexadecimal digits, not '" + digest + "'");
    }
  }

  private static void check(String expected, List<Path> paths, List<Entry> files) {
    // The configuration and the vocabulary come first.
    if (files.size() > 3) {
      throw new UsageException("--sha256 checks one weight file, but there are several");
    }
    Entry weights = files.getLast();
    if (!weights.sha256().equals(expected.toLowerCase(Locale.ROOT))) {
      throw new CodonfuseException(
          "%s: its SHA-256 is %s instead of %s; download it again."
              .formatted(paths.getLast(), weights.sha256(), expected));
    }
  }

  private static Entry entry(Path file) {
    try {
      return new Entry(file.getFileName().toString(), Files.size(file), Sha256.of(file));
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }

  private Map<String, Object> results(PublishedEncoder encoder, List<Entry> files) {
    EncoderConfig config = encoder.config();
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("directory", directory.toString());
    results.put("family", encoder.family().label());
    results.put("molecule", encoder.family().molecule().label());
    results.put("layers", config.layers());
    results.put("hidden_size", config.hiddenSize());
    results.put("heads", config.heads());
    results.put("intermediate_size", config.intermediateSize());
    results.put("max_tokens", config.maxTokens());
    results.put("vocabulary", encoder.vocabularySize());
    results.put("parameters", encoder.parameters());
    results.put("dtypes", encoder.types().stream().map(Enum::name).toList());
    results.put(
        "files",
        files.stream()
            .map(
                file -> Map.of("name", file.name(), "bytes", file.bytes(), "sha256", file.sha256()))
            .toList());
    return results;
  }

  private List<String> lines(PublishedEncoder encoder, List<Entry> files) {
    EncoderConfig config = encoder.config();
    List<String> lines = new ArrayList<>();
    lines.add(directory + ": whole");
    lines.add("Family      " + encoder.family().label());
    lines.add("Molecule    " + encoder.family().molecule().label());
    lines.add(
        "Shape       %d layers, hidden size %d, %d heads, intermediate size %d"
            .formatted(
                config.layers(), config.hiddenSize(), config.heads(), config.intermediateSize()));
    lines.add("Vocabulary  " + encoder.vocabularySize() + " tokens");
    lines.add("Parameters  " + String.format(Locale.ROOT, "%,d", encoder.parameters()));
    lines.add(
        "Stored as   "
            + encoder.types().stream().map(Enum::name).collect(Collectors.joining(", ")));
    for (Entry file : files) {
      lines.add("File        %s, %d bytes".formatted(file.name(), file.bytes()));
      lines.add("            sha256 " + file.sha256());
    }
    return lines;
  }
}

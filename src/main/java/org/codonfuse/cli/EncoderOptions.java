package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.StreamInput;
import picocli.CommandLine.Option;

/** The encoders, or stores of what they computed, and how embeddings are made and kept. */
final class EncoderOptions {
  private static final Pattern NAMED = Pattern.compile("([^/\\\\=]*)=(.+)");

  @Option(
      names = "--dna",
      paramLabel = "[NAME=]MODEL",
      description =
          "A DNA encoder (Nucleotide Transformer v2): a directory, a preset or an id on the hub; or"
              + " a store of what it computed. Several of one kind are told apart by names.")
  private List<String> dna = List.of();

  @Option(
      names = "--rna",
      paramLabel = "[NAME=]MODEL",
      description = "An RNA encoder (RNA-FM), likewise.")
  private List<String> rna = List.of();

  @Option(
      names = "--protein",
      paramLabel = "[NAME=]MODEL",
      description = "A protein encoder (ESM-2), likewise.")
  private List<String> protein = List.of();

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Where embeddings are kept (default: codonfuse/embeddings in the user's cache).")
  private Optional<Path> cache = Optional.empty();

  @Option(
      names = "--strict",
      description = "Fail on a sequence that an encoder's vocabulary mostly does not know.")
  private boolean strict;

  /**
   * An encoder as it was given.
   *
   * @param name of its stream
   * @param molecule what it reads
   * @param model directory, store, preset or id
   */
  record Given(String name, Molecule molecule, String model) {}

  /** What was given: the first of a kind has the kind's name if it has none, the second rna2. */
  List<Given> given() {
    List<Given> given = new ArrayList<>();
    add(given, Molecule.DNA, dna);
    add(given, Molecule.RNA, rna);
    add(given, Molecule.PROTEIN, protein);
    return given;
  }

  private static void add(List<Given> given, Molecule molecule, List<String> models) {
    for (int i = 0; i < models.size(); i++) {
      Matcher named = NAMED.matcher(models.get(i));
      given.add(
          named.matches() && !Files.exists(Path.of(models.get(i)))
              ? new Given(named.group(1), molecule, named.group(2))
              : new Given(molecule.label() + (i == 0 ? "" : i + 1), molecule, models.get(i)));
    }
  }

  /** The directories of the stores and models given, models downloaded where they are not here. */
  List<StreamInput> inputs(Console console) {
    ModelResolver resolver = new ModelResolver(console);
    List<StreamInput> named =
        StreamInput.ordered(
            given().stream()
                .map(g -> new StreamInput(g.name(), g.molecule(), Path.of(g.model())))
                .toList());
    return named.stream()
        .map(
            input ->
                new StreamInput(
                    input.name(), input.molecule(), resolver.resolve(input.place().toString())))
        .toList();
  }

  /** How embeddings are made and kept. */
  EmbeddingOptions embedding() {
    return new EmbeddingOptions(
        strict,
        new EmbeddingCache(cache.orElseGet(EmbeddingCache::defaultDirectory)),
        VersionProvider.version());
  }
}

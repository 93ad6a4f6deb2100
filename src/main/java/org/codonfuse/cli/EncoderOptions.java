package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.run.EmbeddingOptions;
import picocli.CommandLine.Option;

/** The encoders, or stores of what they computed, and how embeddings are made and kept. */
final class EncoderOptions {
  @Option(
      names = "--dna",
      paramLabel = "MODEL",
      description =
          "The DNA encoder (Nucleotide Transformer v2): a directory, a preset or an id on the hub;"
              + " or a store of what it computed.")
  private Optional<String> dna = Optional.empty();

  @Option(
      names = "--rna",
      paramLabel = "MODEL",
      description = "The RNA encoder (RNA-FM), likewise.")
  private Optional<String> rna = Optional.empty();

  @Option(
      names = "--protein",
      paramLabel = "MODEL",
      description = "The protein encoder (ESM-2), likewise.")
  private Optional<String> protein = Optional.empty();

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

  /** What was given, as it was written. */
  Map<Molecule, String> given() {
    Map<Molecule, String> given = new EnumMap<>(Molecule.class);
    dna.ifPresent(model -> given.put(Molecule.DNA, model));
    rna.ifPresent(model -> given.put(Molecule.RNA, model));
    protein.ifPresent(model -> given.put(Molecule.PROTEIN, model));
    return given;
  }

  /** The directories of the stores and models given, models downloaded where they are not here. */
  Map<Molecule, Path> directories(Console console) {
    ModelResolver resolver = new ModelResolver(console);
    Map<Molecule, Path> directories = new EnumMap<>(Molecule.class);
    given().forEach((molecule, model) -> directories.put(molecule, resolver.resolve(model)));
    return directories;
  }

  /** How embeddings are made and kept. */
  EmbeddingOptions embedding() {
    return new EmbeddingOptions(
        strict,
        new EmbeddingCache(cache.orElseGet(EmbeddingCache::defaultDirectory)),
        VersionProvider.version());
  }
}

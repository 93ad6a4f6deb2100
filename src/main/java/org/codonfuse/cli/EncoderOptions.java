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
      paramLabel = "DIR",
      description = "Model directory of the DNA encoder (Nucleotide Transformer v2), or a store.")
  private Optional<Path> dna = Optional.empty();

  @Option(
      names = "--rna",
      paramLabel = "DIR",
      description = "Model directory of the RNA encoder (RNA-FM), or a store.")
  private Optional<Path> rna = Optional.empty();

  @Option(
      names = "--protein",
      paramLabel = "DIR",
      description = "Model directory of the protein encoder (ESM-2), or a store.")
  private Optional<Path> protein = Optional.empty();

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

  /** The directories that were given, models and stores. */
  Map<Molecule, Path> directories() {
    Map<Molecule, Path> directories = new EnumMap<>(Molecule.class);
    dna.ifPresent(path -> directories.put(Molecule.DNA, path));
    rna.ifPresent(path -> directories.put(Molecule.RNA, path));
    protein.ifPresent(path -> directories.put(Molecule.PROTEIN, path));
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

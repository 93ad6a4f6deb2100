package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.sequence.Molecule;
import picocli.CommandLine.Option;

/** The encoders and how their embeddings are made and kept. */
final class EncoderOptions {
  @Option(
      names = "--dna",
      paramLabel = "MODEL",
      description =
          "The DNA encoder (Nucleotide Transformer v2): a directory, a preset or an id on the hub.")
  private Optional<String> dna = Optional.empty();

  @Option(
      names = "--rna",
      paramLabel = "MODEL",
      description = "The RNA encoder (RNA-FM): a directory, a preset or an id on the hub.")
  private Optional<String> rna = Optional.empty();

  @Option(
      names = "--protein",
      paramLabel = "MODEL",
      description = "The protein encoder (ESM-2): a directory, a preset or an id on the hub.")
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

  /** The directories of the models that were given, downloaded where they are not here. */
  Map<Molecule, Path> directories(Console console) {
    ModelResolver resolver = new ModelResolver(console);
    Map<Molecule, Path> directories = new EnumMap<>(Molecule.class);
    dna.ifPresent(model -> directories.put(Molecule.DNA, resolver.resolve(model)));
    rna.ifPresent(model -> directories.put(Molecule.RNA, resolver.resolve(model)));
    protein.ifPresent(model -> directories.put(Molecule.PROTEIN, resolver.resolve(model)));
    return directories;
  }

  boolean strict() {
    return strict;
  }

  EmbeddingCache cache() {
    return new EmbeddingCache(cache.orElseGet(EmbeddingCache::defaultDirectory));
  }
}

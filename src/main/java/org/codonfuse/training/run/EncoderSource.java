package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.embedding.EmbeddingInputs;
import org.codonfuse.embedding.EmbeddingSettings;
import org.codonfuse.embedding.EmbeddingSettings.Origin;
import org.codonfuse.embedding.MemoryEmbeddings;
import org.codonfuse.embedding.StoredSequences;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderLayer;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.sequence.Molecule;

/** A stream that an encoder computes, into the cache. Does not own the encoder. */
final class EncoderSource implements StreamSource {
  private final Encoders encoders;
  private final String name;
  private final Encoder encoder;
  private final RunConfig.Embedding embedding;
  private final String fingerprint;
  private final List<EmbeddingCache.Entry> opened = new ArrayList<>();

  private EncoderSource(
      Encoders encoders, String name, Encoder encoder, RunConfig.Embedding embedding) {
    this.encoders = encoders;
    this.name = name;
    this.encoder = encoder;
    this.embedding = embedding;
    this.fingerprint = encoder.baseFingerprint();
  }

  /**
   * Loads an encoder, unless it is loaded.
   *
   * @param encoders owns it
   * @param adapter whose updates are added to its weights
   * @throws CodonfuseException if it cannot be read or is for another molecule
   */
  static EncoderSource open(
      Encoders encoders,
      String name,
      Molecule molecule,
      Path directory,
      RunConfig.Embedding embedding,
      Optional<LoraAdapter> adapter) {
    Backend backend = encoders.backend();
    Precision precision = embedding.computed().on(backend.device());
    Encoder encoder = encoders.get(directory, precision, adapter);
    requireMolecule(directory, encoder.tokenizer().molecule(), molecule);
    return new EncoderSource(encoders, name, encoder, embedding.computedIn(precision));
  }

  /**
   * @param read what an encoder reads
   * @param given as what it was given
   */
  static void requireMolecule(Path directory, Molecule read, Molecule given) {
    if (read != given) {
      throw new CodonfuseException(
          "%s: an encoder of %s was given as --%s; give it as --%s."
              .formatted(directory, read.label(), given.label(), read.label()));
    }
  }

  @Override
  public StreamSpec stream() {
    Molecule molecule = encoder.tokenizer().molecule();
    return new StreamSpec(
        name, molecule, layer().width(encoder.config()), Granularity.aligned(molecule));
  }

  private EncoderLayer layer() {
    return EncoderLayer.parse(embedding.layer());
  }

  /** The longest mRNA that it reads, in nucleotides, if no nucleotide of it is ambiguous. */
  @Override
  public int maxNucleotides() {
    return encoder.maxNucleotides();
  }

  @Override
  public RunConfig.Stream describe() {
    return describe(stream(), encoder.directory(), fingerprint, embedding);
  }

  /** A stream of the encoder in a directory as a run's configuration names it. */
  static RunConfig.Stream describe(
      StreamSpec stream, Path directory, String fingerprint, RunConfig.Embedding embedding) {
    return new RunConfig.Stream(
        stream.name(),
        stream.molecule(),
        stream.width(),
        directory.toAbsolutePath().normalize().toString(),
        fingerprint,
        embedding);
  }

  @Override
  public SourceRows rows(
      StreamSpec wanted, Request request, EmbeddingOptions options, Progress progress) {
    Request cut = request.cut();
    EmbeddingSettings settings =
        settings(wanted, embedding, options)
            .withTokensPerBatch(EmbeddingSettings.tokensPerBatch(encoders.backend().device()));
    EmbeddingInputs inputs = cut.inputs(wanted.molecule());
    if (options.cache().isEmpty()) {
      return new MemoryRows(encoders.inMemory(encoder, inputs, settings, progress));
    }
    EmbeddingCache.Entry entry =
        options.cache().get().get(encoders.backend(), encoder, inputs, settings, progress);
    opened.add(entry);
    return StoreSource.rows(entry.store(), wanted, cut);
  }

  /** How an encoder is run for what a model takes. */
  static EmbeddingSettings settings(
      StreamSpec wanted, RunConfig.Embedding embedding, EmbeddingOptions options) {
    return EmbeddingSettings.of(StoredSequences.pooling(wanted.granularity()))
        .withLayer(EncoderLayer.parse(embedding.layer()))
        .withStored(embedding.stored().dtype())
        .withLongSequences(embedding.longSequences())
        .withStrict(options.strict())
        .withOrigin(new Origin(options.version(), Optional.empty(), Optional.empty()));
  }

  private record MemoryRows(MemoryEmbeddings embeddings) implements SourceRows {
    @Override
    public int nucleotides(int example) {
      return embeddings.nucleotides(example);
    }

    @Override
    public int rows(int example) {
      return embeddings.rows(example);
    }

    @Override
    public void read(int example, float[] target, int offset) {
      embeddings.read(example, target, offset);
    }
  }

  @Override
  public void close() {
    opened.forEach(EmbeddingCache.Entry::close);
  }
}

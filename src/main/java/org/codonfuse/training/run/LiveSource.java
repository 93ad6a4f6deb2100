package org.codonfuse.training.run;

import java.nio.file.Path;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.embedding.EncoderInputs;
import org.codonfuse.embedding.PackedTokens;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.LiveRows;

/** A stream that an encoder computes which learns with the model. Does not own the encoder. */
final class LiveSource implements StreamSource {
  private final String name;
  private final TrainableEncoder encoder;
  private final RunConfig.Embedding embedding;
  private final String fingerprint;

  private LiveSource(String name, TrainableEncoder encoder, RunConfig.Embedding embedding) {
    this.name = name;
    this.encoder = encoder;
    this.embedding = embedding;
    this.fingerprint = encoder.baseFingerprint();
  }

  /**
   * Takes an encoder.
   *
   * @throws UsageException if it is for another molecule
   */
  static LiveSource of(
      String name, Molecule molecule, TrainableEncoder encoder, RunConfig.Embedding embedding) {
    EncoderSource.requireMolecule(encoder.directory(), encoder.tokenizer().molecule(), molecule);
    return new LiveSource(name, encoder, embedding);
  }

  /** The name in a model's parameters of what an encoder learns. */
  static String prefix(String stream) {
    return "encoder." + stream + ".";
  }

  /**
   * Loads an encoder to be trained.
   *
   * @throws CodonfuseException if it cannot be read
   */
  static TrainableEncoder load(TrainableBackend backend, StreamInput input, FineTuning tuning) {
    Path place = input.place();
    return TrainableEncoder.load(
        backend,
        place,
        new TrainableEncoder.Settings(
            tuning.tuning(), false, prefix(input.name()), tuning.checkpointed()));
  }

  @Override
  public StreamSpec stream() {
    Molecule molecule = encoder.tokenizer().molecule();
    return new StreamSpec(
        name, molecule, encoder.config().hiddenSize(), Granularity.aligned(molecule));
  }

  /** The longest mRNA that it reads, in nucleotides, if no nucleotide of it is ambiguous. */
  @Override
  public int maxNucleotides() {
    return encoder.maxNucleotides();
  }

  @Override
  public RunConfig.Stream describe() {
    return EncoderSource.describe(stream(), encoder.directory(), fingerprint, embedding);
  }

  @Override
  public SourceRows rows(
      StreamSpec wanted, Request request, EmbeddingOptions options, Progress progress) {
    return new Rows(
        EncoderInputs.of(
            encoder,
            request.cut().inputs(wanted.molecule()),
            EncoderSource.settings(wanted, embedding, options)));
  }

  @Override
  public void close() {}

  private record Rows(EncoderInputs inputs) implements SourceRows, LiveRows {
    @Override
    public int nucleotides(int example) {
      return inputs.nucleotides(example);
    }

    @Override
    public int rows(int example) {
      return inputs.rows(example);
    }

    @Override
    public int tokens(int example) {
      return inputs.tokens(example);
    }

    @Override
    public PackedTokens gather(int[] examples) {
      return inputs.gather(examples);
    }
  }
}

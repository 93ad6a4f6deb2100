package org.codonfuse.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderConfig;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.token.Tokens;

/**
 * How fast an encoder reads sequences of one length: from tokens to hidden states in the host's
 * memory, in the encoder's precision, without files. Batches and matrix products take turns, so
 * that both see the machine in the same state.
 */
public final class EncoderBenchmark {
  private static final int WARM_UP = 2;

  private final Backend backend;
  private final int tokensPerBatch;
  private final double seconds;

  /**
   * @param tokensPerBatch tokens that are computed at once
   * @param seconds to spend on each measurement, which is one turn at least, of one batch or on a
   *     GPU of 0.2 s; the first two turns do not count where there are more
   */
  public EncoderBenchmark(Backend backend, int tokensPerBatch, double seconds) {
    this.backend = backend;
    this.tokensPerBatch = tokensPerBatch;
    this.seconds = seconds;
  }

  /**
   * What was measured; rates are medians over turns.
   *
   * @param nucleotides of every sequence
   * @param tokens of every sequence, special ones included
   * @param tokensPerSecond of the encoder
   * @param flops floating point operations a second of the encoder's products and attention
   * @param ceiling floating point operations a second of large matrix products
   */
  public record Result(
      int nucleotides, int tokens, double tokensPerSecond, double flops, double ceiling) {
    /** Sequences a second. */
    public double sequencesPerSecond() {
      return tokensPerSecond / tokens;
    }

    /** The encoder's share of what the machine does on one large matrix product. */
    public double share() {
      return flops / ceiling;
    }
  }

  /** Measures one encoder at one length. */
  public Result measure(Encoder encoder, int nucleotides) {
    List<Tokens> batch = batch(encoder, nucleotides);
    int length = batch.getFirst().length();
    int rows = batch.size() * length;
    List<Double> rates = new ArrayList<>();
    List<Double> ceilings = new ArrayList<>();
    Turn batches = new Turn(backend, () -> begin(encoder, batch), EncoderBenchmark::requireFinite);
    try (MatrixRate matrix = new MatrixRate(backend, encoder.precision())) {
      long begin = System.nanoTime();
      for (int i = 0; i == 0 || System.nanoTime() - begin < seconds * 1e9; i++) {
        if (i == WARM_UP) {
          rates.clear();
          ceilings.clear();
        }
        ceilings.add(matrix.measure());
        rates.add(rows * batches.rate());
      }
    }
    double rate = Median.of(rates);
    double flops = rate * flopsPerToken(encoder.config(), length);
    return new Result(nucleotides, length, rate, flops, Median.of(ceilings));
  }

  private HostRead begin(Encoder encoder, List<Tokens> batch) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      return backend.read(encoder.forward(batch), encoder.precision().dtype());
    }
  }

  private static void requireFinite(HostRead hidden) {
    if (!hidden.isFinite() || hidden.bytes().byteSize() == 0) {
      throw new AssertionError("The encoder computes " + hidden.largest());
    }
  }

  private List<Tokens> batch(Encoder encoder, int nucleotides) {
    Random random = new Random(nucleotides);
    List<Tokens> batch = new ArrayList<>();
    int tokens = 0;
    do {
      StringBuilder rna = new StringBuilder(nucleotides);
      random.ints(nucleotides, 0, 4).forEach(i -> rna.append("ACGU".charAt(i)));
      CodingSequence sequence = new CodingSequence("random", rna.toString());
      String letters = sequence.as(encoder.tokenizer().molecule(), GeneticCode.standard());
      batch.add(encoder.tokenizer().tokenize(letters));
      tokens += batch.getLast().length();
    } while (tokens + batch.getLast().length() <= tokensPerBatch);
    return batch;
  }

  /**
   * Floating point operations for one token of a sequence: two for every weight of the layers'
   * products, and four for every key and channel of attention.
   */
  static double flopsPerToken(EncoderConfig config, int length) {
    double hidden = config.hiddenSize();
    double products =
        4 * hidden * hidden + (config.gated() ? 3 : 2) * hidden * config.intermediateSize();
    return config.layers() * (2 * products + 4 * hidden * length);
  }
}

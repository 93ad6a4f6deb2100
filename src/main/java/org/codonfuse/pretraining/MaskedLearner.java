package org.codonfuse.pretraining;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.Seeds;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.token.Tokens;
import org.codonfuse.training.Learner;

/** An encoder that learns to tell masked tokens; the loss is the mean cross-entropy over these. */
final class MaskedLearner implements Learner<MaskedLearner.Part> {
  /** Of held-out sequences every epoch masks the same tokens. */
  private static final int HELD_OUT = -1;

  private final TrainableBackend backend;
  private final TrainableEncoder encoder;
  private final Masking masking;
  private final Sequences training;
  private final Sequences validation;
  private final Unigrams unigrams;
  private final int atOnce;
  private final long seed;

  /**
   * @param training what it learns from
   * @param validation what it is measured on
   * @param atOnce sequences at a time where nothing is learned
   * @param seed of what is masked
   */
  MaskedLearner(
      TrainableBackend backend,
      TrainableEncoder encoder,
      Masking masking,
      Sequences training,
      Sequences validation,
      int atOnce,
      long seed) {
    this.backend = backend;
    this.encoder = encoder;
    this.masking = masking;
    this.training = training;
    this.validation = validation;
    this.atOnce = atOnce;
    this.seed = seed;
    this.unigrams = new Unigrams(masking, encoder.config().vocabularySize());
    for (int i = 0; i < training.size(); i++) {
      unigrams.add(training.tokens(i));
    }
  }

  /**
   * Masked sequences.
   *
   * @param tokens what the encoder reads
   * @param rows where the tokens in question are among the tokens of all of them
   * @param originals what they are
   */
  record Part(List<Tokens> tokens, long[] rows, long[] originals) implements Learner.Part {
    @Override
    public double[] weights() {
      return new double[] {originals.length};
    }
  }

  @Override
  public int terms() {
    return 1;
  }

  @Override
  public int size() {
    return training.size();
  }

  @Override
  public int length(int example) {
    return training.length(example);
  }

  @Override
  public String name(int example) {
    return training.id(example);
  }

  @Override
  public String remedy() {
    return "lower --learning-rate or --clip-norm";
  }

  @Override
  public Part gather(int epoch, int[] members) {
    return gather(training, epoch, members);
  }

  private Part gather(Sequences from, int epoch, int[] members) {
    List<MaskedTokens> masked = new ArrayList<>();
    int count = 0;
    for (int member : members) {
      MaskedTokens one = masking.mask(from.tokens(member), Seeds.mix(seed, epoch, member));
      masked.add(one);
      count += one.positions().length;
    }
    List<Tokens> tokens = masked.stream().map(MaskedTokens::tokens).toList();
    Packing packing = Packing.of(tokens.stream().mapToInt(Tokens::length).toArray());
    long[] rows = new long[count];
    long[] originals = new long[count];
    int at = 0;
    for (int b = 0; b < masked.size(); b++) {
      MaskedTokens one = masked.get(b);
      for (int i = 0; i < one.positions().length; i++) {
        rows[at] = (long) packing.start(b) + one.positions()[i];
        originals[at++] = one.originals()[i];
      }
    }
    return new Part(tokens, rows, originals);
  }

  @Override
  public HostRead accumulate(Step step, Parameters parameters, Part part, double[] shares) {
    Scope scope = step.scope();
    TrainableEncoder.Pass pass =
        encoder.forward(parameters, part.tokens, scope.mode(), scope.products(), step.seed());
    Tensor originals = backend.tensor(part.originals, Shape.of(part.originals.length));
    Tensor loss = backend.crossEntropy(scores(parameters, pass, part), originals);
    if (shares[0] != 1) {
      loss = backend.affine(loss, shares[0], 0);
    }
    Tensor minimised = loss;
    return Learner.reading(
        backend,
        minimised,
        () -> {
          backend.backward(minimised);
          pass.backward();
        });
  }

  /** Of the tokens in question alone: scores of all would be most of the memory. */
  private Tensor scores(Parameters parameters, TrainableEncoder.Pass pass, Part part) {
    Tensor rows = backend.tensor(part.rows, Shape.of(part.rows.length));
    return encoder.logits(parameters, backend.embedding(pass.hidden(), rows));
  }

  @Override
  public Evaluation evaluate(int epoch, Parameters parameters) {
    MaskedMetrics metrics = measure(parameters, validation);
    return new Evaluation(metrics.loss(), metrics.accuracy());
  }

  /** Measures the parameters on held-out sequences. */
  MaskedMetrics measure(Parameters parameters, Sequences heldOut) {
    double loss = 0;
    double unigramLoss = 0;
    long right = 0;
    long tokens = 0;
    for (int from = 0; from < heldOut.size(); from += atOnce) {
      int to = (int) Math.min(heldOut.size(), (long) from + atOnce);
      Part part = gather(heldOut, HELD_OUT, range(from, to));
      tokens += part.originals.length;
      try (Scope scope = backend.openScope(Mode.INFERENCE)) {
        TrainableEncoder.Pass pass =
            encoder.forward(parameters, part.tokens, scope.mode(), Precision.FLOAT32, 0);
        float[] scores = scores(parameters, pass, part).toFloats();
        int vocabulary = scores.length / part.originals.length;
        for (int i = 0; i < part.originals.length; i++) {
          int original = (int) part.originals[i];
          Likeliest likeliest = Likeliest.of(scores, i * vocabulary, vocabulary);
          loss += likeliest.logSum() - scores[i * vocabulary + original];
          right += likeliest.id() == original ? 1 : 0;
          unigramLoss += unigrams.loss(original);
        }
      }
    }
    return new MaskedMetrics(
        heldOut.size(), tokens, loss / tokens, (double) right / tokens, unigramLoss / tokens);
  }

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  /**
   * What scores of tokens come to.
   *
   * @param id of the token with the highest
   * @param logSum logarithm of the sum of their exponentials
   */
  private record Likeliest(int id, double logSum) {
    static Likeliest of(float[] scores, int offset, int count) {
      int best = 0;
      for (int id = 1; id < count; id++) {
        best = scores[offset + id] > scores[offset + best] ? id : best;
      }
      double highest = scores[offset + best];
      double sum = 0;
      for (int id = 0; id < count; id++) {
        sum += Math.exp(scores[offset + id] - highest);
      }
      return new Likeliest(best, highest + Math.log(sum));
    }
  }
}

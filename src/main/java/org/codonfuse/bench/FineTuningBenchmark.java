package org.codonfuse.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Seeds;
import org.codonfuse.UsageException;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.token.Tokens;
import org.codonfuse.training.Learner;

/**
 * How long a step of an encoder's fine-tuning takes, and how much memory: tokens in Java's memory,
 * hidden states, their means over each sequence, which are to be targets, gradients and Adam.
 */
public final class FineTuningBenchmark {
  /** Small, so that thousands of steps on one batch stay finite. */
  private static final double LEARNING_RATE = 1e-6;

  private static final int WARM_UP = 3;
  private static final int LEAST_STEPS = 3;

  /** The ids of letters, in the vocabularies of all published encoders; before are specials. */
  private static final int FIRST_LETTER = 4;

  private static final int LETTERS = 4;

  private final TrainableBackend backend;
  private final Precision products;
  private final double seconds;
  private final long seed;

  /**
   * @param products what products are computed in
   * @param seconds to spend on each measurement, after the steps that warm up; three steps at least
   *     are measured
   * @param seed of parameters and tokens
   */
  public FineTuningBenchmark(
      TrainableBackend backend, Precision products, double seconds, long seed) {
    this.backend = backend;
    this.products = products;
    this.seconds = seconds;
    this.seed = seed;
  }

  /**
   * The sequences of a step.
   *
   * @param sequences how many there are
   * @param tokens of the longest
   * @param mixed whether lengths go up to that in even steps, the shortest first; else all are
   *     alike
   */
  public record Batch(int sequences, int tokens, boolean mixed) {
    /** Tokens of each sequence. */
    int[] lengths() {
      return IntStream.rangeClosed(1, sequences)
          .map(i -> mixed ? Math.max(1, (int) ((long) tokens * i / sequences)) : tokens)
          .toArray();
    }

    /** Tokens of all sequences. */
    public int total() {
      return Arrays.stream(lengths()).sum();
    }
  }

  /**
   * What was measured.
   *
   * @param parameters numbers that are trained
   * @param steps how many were measured
   * @param seconds that a step takes, the median
   * @param fastest seconds of the fastest step
   * @param loaded bytes that the process held before the first step, if the system tells
   * @param peak the most bytes that it held from then on, if the system tells
   */
  public record Result(
      long parameters,
      int steps,
      double seconds,
      double fastest,
      OptionalLong loaded,
      OptionalLong peak) {
    /** What the steps needed beyond the loaded encoder. */
    public OptionalLong growth() {
      return loaded.isPresent() && peak.isPresent()
          ? OptionalLong.of(peak.getAsLong() - loaded.getAsLong())
          : OptionalLong.empty();
    }
  }

  /**
   * Measures steps on one batch of random tokens.
   *
   * @param directory of the encoder
   * @throws UsageException if the encoder does not read so many tokens
   */
  public Result measure(Path directory, TrainableEncoder.Settings settings, Batch batch) {
    try (TrainableEncoder encoder = TrainableEncoder.load(backend, directory, settings);
        Parameters parameters =
            Parameters.initialiseTrainable(backend, encoder.parameters(), seed);
        Optimizer optimizer =
            backend.adam(parameters.tensors(), AdamOptions.of(LEARNING_RATE, 0))) {
      if (batch.tokens() > encoder.config().maxTokens()) {
        throw new UsageException(
            "--tokens %d: %s reads at most %d."
                .formatted(batch.tokens(), directory, encoder.config().maxTokens()));
      }
      Steps steps = new Steps(encoder, parameters, optimizer, batch);
      OptionalLong loaded = held();
      for (int i = 0; i < WARM_UP; i++) {
        steps.take();
      }
      List<Double> times = new ArrayList<>();
      long begin = System.nanoTime();
      while (times.size() < LEAST_STEPS || System.nanoTime() - begin < seconds * 1e9) {
        long start = System.nanoTime();
        steps.take();
        times.add((System.nanoTime() - start) / 1e9);
      }
      return new Result(
          parameters.tensors().stream().mapToLong(tensor -> tensor.shape().size()).sum(),
          times.size(),
          Median.of(times),
          Collections.min(times),
          loaded,
          peak());
    }
  }

  /** Bytes held of the device's memory, or by the process; looks for the peak anew. */
  private OptionalLong held() {
    backend.forgetPeakMemory();
    return backend
        .memoryUse()
        .map(use -> OptionalLong.of(use.held()))
        .orElseGet(() -> ProcessMemory.forgetPeak() ? ProcessMemory.held() : OptionalLong.empty());
  }

  private OptionalLong peak() {
    return backend
        .memoryUse()
        .map(use -> OptionalLong.of(use.peak()))
        .orElseGet(ProcessMemory::peak);
  }

  /** Steps as the trainer takes them, each on the same batch. */
  private final class Steps {
    private final TrainableEncoder encoder;
    private final Parameters parameters;
    private final Optimizer optimizer;
    private final List<Tokens> tokens = new ArrayList<>();
    private final Segments means;
    private final float[] targets;
    private final Shape shape;

    Steps(TrainableEncoder encoder, Parameters parameters, Optimizer optimizer, Batch batch) {
      this.encoder = encoder;
      this.parameters = parameters;
      this.optimizer = optimizer;
      SplittableRandom random = new SplittableRandom(Seeds.mix(seed, batch.tokens()));
      int[] lengths = batch.lengths();
      int[] offsets = new int[lengths.length + 1];
      float[] weights = new float[batch.total()];
      for (int s = 0; s < lengths.length; s++) {
        int[] ids = random.ints(lengths[s], FIRST_LETTER, FIRST_LETTER + LETTERS).toArray();
        int[] spans = new int[lengths[s]];
        tokens.add(new Tokens(ids, spans, spans, 0, 0, 0));
        offsets[s + 1] = offsets[s] + lengths[s];
        Arrays.fill(weights, offsets[s], offsets[s + 1], 1f / lengths[s]);
      }
      means = new Segments(offsets, IntStream.range(0, weights.length).toArray(), weights);
      shape = Shape.of(lengths.length, encoder.config().hiddenSize());
      targets = new float[shape.intSize()];
      for (int i = 0; i < targets.length; i++) {
        targets[i] = (float) random.nextDouble(-1, 1);
      }
    }

    void take() {
      try (Scope _ = backend.openScope(Mode.TRAINING, products)) {
        TrainableEncoder.Pass pass =
            encoder.forward(parameters, tokens, Mode.TRAINING, products, optimizer.steps());
        Tensor pooled = backend.segmentSum(pass.hidden(), means);
        Tensor loss = backend.meanSquaredError(pooled, backend.tensor(targets, shape));
        optimizer.zeroGradients();
        try (HostRead value = Learner.reading(backend, loss, () -> backward(loss, pass));
            HostRead norm = optimizer.clipGradients(Double.POSITIVE_INFINITY)) {
          optimizer.step(LEARNING_RATE);
          requireFinite(value.await()[0]);
          requireFinite(norm.await()[0]);
        }
      }
    }

    private void backward(Tensor loss, TrainableEncoder.Pass pass) {
      backend.backward(loss);
      pass.backward();
    }

    private static void requireFinite(double value) {
      if (!Double.isFinite(value)) {
        throw new CodonfuseException("A step of the benchmark computes " + value);
      }
    }
  }
}

package org.codonfuse.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Seeds;
import org.codonfuse.alignment.CodonAlignment;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.HostTensor;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Repetition;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.FusionModel;
import org.codonfuse.training.HostBatch;
import org.codonfuse.training.Learner;
import org.codonfuse.training.Objective;

/**
 * How long a training step of a fusion with the TextCNN takes: from a padded batch in the host's
 * memory to updated parameters. The embeddings are as wide as those of the published encoders.
 */
public final class TrainingBenchmark {
  /** Widths of Nucleotide Transformer v2, RNA-FM and ESM-2 8M. */
  private static final Map<Molecule, Integer> WIDTHS =
      Map.of(Molecule.DNA, 512, Molecule.RNA, 640, Molecule.PROTEIN, 320);

  private static final int HEAD_WIDTH = 640;
  private static final double DROPOUT = 0.2;

  /** Small, so that thousands of steps on one batch stay finite. */
  private static final double LEARNING_RATE = 1e-6;

  private static final double WEIGHT_DECAY = 1e-5;

  /** Seconds between two looks at the clock: a device must have finished at each of them. */
  private static final double TURN = 0.2;

  private static final int WARM_UP = 3;

  private final TrainableBackend backend;
  private final int batch;
  private final double seconds;
  private final long seed;

  /**
   * @param batch sequences in a step
   * @param seconds to spend on each measurement, after half of that to warm up
   * @param seed of parameters and batches
   */
  public TrainingBenchmark(TrainableBackend backend, int batch, double seconds, long seed) {
    this.backend = backend;
    this.batch = batch;
    this.seconds = seconds;
    this.seed = seed;
  }

  /**
   * What was measured.
   *
   * @param parameters numbers that the model learns
   * @param steps how many were measured
   * @param seconds that a step takes, the median over turns
   */
  public record Result(long parameters, int steps, double seconds) {}

  /**
   * Measures steps on sequences of one length.
   *
   * @param channels of each convolution
   * @param products what products are computed in
   */
  public Result measure(FusionOptions options, int channels, int codons, Precision products) {
    List<StreamSpec> streams =
        Arrays.stream(Molecule.values())
            .filter(options.molecules()::contains)
            .map(TrainingBenchmark::stream)
            .toList();
    Fusion fusion = options.resolve(streams).create(streams);
    TextCnnHead head =
        new TextCnnHead(fusion.width(), HEAD_WIDTH, TextCnnHead.KERNELS, channels, DROPOUT, 1);
    FusionModel model = new FusionModel(fusion, head);
    try (Parameters parameters = Parameters.initialiseTrainable(backend, model.parameters(), seed);
        Optimizer optimizer =
            backend.adam(parameters.tensors(), AdamOptions.of(LEARNING_RATE, WEIGHT_DECAY));
        Repetition repetition = backend.repetition();
        HostBatch inputs = draw(streams, codons)) {
      Steps steps = new Steps(model, parameters, optimizer, repetition, products, inputs);
      steps.take(WARM_UP, seconds / 2);
      steps.finish();
      List<Double> times = new ArrayList<>();
      int measured = 0;
      long begin = System.nanoTime();
      do {
        long start = System.nanoTime();
        int taken = steps.take(1, Math.min(TURN, seconds));
        steps.finish();
        times.add((System.nanoTime() - start) / 1e9 / taken);
        measured += taken;
      } while (System.nanoTime() - begin < seconds * 1e9);
      long size = model.parameters().stream().mapToLong(spec -> spec.shape().size()).sum();
      return new Result(size, measured, Median.of(times));
    }
  }

  private static StreamSpec stream(Molecule molecule) {
    return new StreamSpec(
        molecule.label(), molecule, WIDTHS.get(molecule), Granularity.aligned(molecule));
  }

  private HostBatch draw(List<StreamSpec> streams, int codons) {
    SplittableRandom random = new SplittableRandom(Seeds.mix(seed, codons));
    List<HostBatch.Stream> drawn = new ArrayList<>();
    for (StreamSpec stream : streams) {
      int rows = CodonAlignment.rows(stream.granularity(), 3 * codons);
      float[] values = new float[Math.multiplyExact(batch * rows, stream.width())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextDouble(-1, 1);
      }
      HostTensor tensor = backend.hostTensor(Shape.of(batch, rows, stream.width()));
      tensor.write(0, values, 0, values.length);
      drawn.add(new HostBatch.Stream(stream.name(), tensor, all(rows)));
    }
    return new HostBatch(drawn, all(codons));
  }

  private int[] all(int value) {
    int[] values = new int[batch];
    Arrays.fill(values, value);
    return values;
  }

  /** Training steps as the trainer takes them, each on the same batch. */
  private final class Steps {
    private final Objective objective = new Objective(Task.REGRESSION);
    private final FusionModel model;
    private final Parameters parameters;
    private final Optimizer optimizer;
    private final Repetition repetition;
    private final Precision products;
    private final HostBatch inputs;
    private final double[] targets = new SplittableRandom(seed).doubles(batch, -1, 1).toArray();

    Steps(
        FusionModel model,
        Parameters parameters,
        Optimizer optimizer,
        Repetition repetition,
        Precision products,
        HostBatch inputs) {
      this.model = model;
      this.parameters = parameters;
      this.optimizer = optimizer;
      this.repetition = repetition;
      this.products = products;
      this.inputs = inputs;
    }

    /** At least so many steps, and for so long; returns how many it took. */
    int take(int least, double duration) {
      long begin = System.nanoTime();
      int taken = 0;
      while (taken < least || System.nanoTime() - begin < duration * 1e9) {
        take();
        taken++;
      }
      return taken;
    }

    private void take() {
      List<HostRead> reads = repetition.run("step", this::step);
      try (HostRead loss = reads.getFirst();
          HostRead norm = reads.getLast()) {
        requireFinite(loss.await()[0]);
        requireFinite(norm.await()[0]);
      }
    }

    private List<HostRead> step() {
      optimizer.zeroGradients();
      try (Scope _ = backend.openScope(Mode.TRAINING, products)) {
        FusionModel.Output output = model.forward(backend, parameters, inputs.on(backend));
        Tensor loss = objective.loss(backend, output, targets);
        HostRead value = Learner.reading(backend, loss, () -> backend.backward(loss));
        HostRead norm = optimizer.clipGradients(Double.POSITIVE_INFINITY);
        optimizer.step(LEARNING_RATE);
        return List.of(value, norm);
      }
    }

    /** Reads a parameter, so that a device has finished. */
    void finish() {
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        Tensor parameter = parameters.tensors().getLast();
        Tensor flat = backend.reshape(parameter, Shape.of(parameter.shape().size()));
        requireFinite(backend.narrow(flat, 0, 0, 1).item());
      }
    }

    private static void requireFinite(double value) {
      if (!Double.isFinite(value)) {
        throw new CodonfuseException("A training step of the benchmark computes " + value);
      }
    }
  }
}

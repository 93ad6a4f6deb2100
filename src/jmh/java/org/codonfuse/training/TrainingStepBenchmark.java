package org.codonfuse.training;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.codonfuse.alignment.CodonAlignment;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.AdamOptions;
import org.codonfuse.compute.Backends;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Optimizer;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.Work;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One training step of a fused model as the trainer takes it, from arrays on the heap to updated
 * parameters: batch 32, widths of the published encoders 512, 640 and 320.
 */
@State(Scope.Thread)
@BenchmarkMode({
  org.openjdk.jmh.annotations.Mode.AverageTime,
  org.openjdk.jmh.annotations.Mode.SampleTime
})
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 3, time = 5)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class TrainingStepBenchmark {
  private static final int BATCH = 32;
  private static final double LEARNING_RATE = 3e-5;

  /** Codons per sequence. */
  @Param({"27", "226"})
  public int codons;

  /** The fusion, with the paper's channels. */
  @Param({"concat", "mil", "cross-attention"})
  public String fusionName;

  /** What products are computed in. */
  @Param({"float32", "bfloat16"})
  public String precision;

  /** Threads within operations. */
  @Param("2")
  public int threads;

  private TrainableBackend backend;
  private FusionModel model;
  private Parameters parameters;
  private Optimizer optimizer;
  private Examples examples;
  private int[] members;
  private double[] targets;

  /** Opens the backend, says which one it is, and draws a batch. */
  @Setup(Level.Trial)
  public void open() {
    Backends.Selection selection =
        Backends.select(new Backends.Request("torch", "auto", threads, Work.TRAINING));
    System.out.println("# " + selection.describe());
    backend = (TrainableBackend) selection.backend();
    List<StreamSpec> streams =
        List.of(
            stream(Molecule.DNA, 512), stream(Molecule.RNA, 640), stream(Molecule.PROTEIN, 320));
    FusionOptions options = FusionOptions.of(fusionName);
    Fusion fusion = options.resolve(streams).create(streams);
    TextCnnHead head =
        new TextCnnHead(fusion.width(), 640, TextCnnHead.KERNELS, options.channels(), 0.2, 1);
    model = new FusionModel(fusion, head);
    parameters = Parameters.initialiseTrainable(backend, model.parameters(), 1);
    optimizer = backend.adam(parameters.tensors(), AdamOptions.of(LEARNING_RATE, 1e-5));
    SplittableRandom random = new SplittableRandom(1);
    float[][][] rows = new float[streams.size()][BATCH][];
    for (int s = 0; s < streams.size(); s++) {
      StreamSpec stream = streams.get(s);
      int count = CodonAlignment.rows(stream.granularity(), 3 * codons);
      for (int b = 0; b < BATCH; b++) {
        rows[s][b] = new float[count * stream.width()];
        for (int i = 0; i < rows[s][b].length; i++) {
          rows[s][b][i] = (float) random.nextGaussian();
        }
      }
    }
    int[] lengths = IntStream.range(0, BATCH).map(_ -> codons).toArray();
    examples = Examples.of(streams, rows, lengths);
    members = IntStream.range(0, BATCH).toArray();
    targets = IntStream.range(0, BATCH).mapToDouble(_ -> random.nextGaussian()).toArray();
  }

  private static StreamSpec stream(Molecule molecule, int width) {
    return new StreamSpec(molecule.label(), molecule, width, Granularity.aligned(molecule));
  }

  /** One step. */
  @Benchmark
  public float step() {
    try (org.codonfuse.compute.Scope _ =
        backend.openScope(Mode.TRAINING, Precision.of(precision))) {
      FusionModel.Output output =
          model.forward(backend, parameters, examples.batch(backend, members));
      Tensor loss = new Objective(Task.REGRESSION).loss(backend, output, targets);
      float value = loss.item();
      optimizer.zeroGradients();
      backend.backward(loss);
      optimizer.clipGradients(Double.POSITIVE_INFINITY);
      optimizer.step(LEARNING_RATE);
      return value;
    }
  }

  /** Releases everything. */
  @TearDown(Level.Trial)
  public void close() {
    optimizer.close();
    parameters.close();
    backend.close();
  }
}

package org.codonfuse.compute;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * Single operations with their scope and the release of their result, and with {@code -prof gc}
 * what they leave on the heap. {@code codonfuse bench kernels} measures more of them, as shares of
 * what the machine can do.
 */
@State(Scope.Thread)
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "--add-modules=jdk.incubator.vector",
      "-XX:+UseParallelGC"
    })
public class KernelBenchmark {
  private static final int WIDTH = 640;
  private static final int CODON = 3;

  /**
   * Rows of 16 MiB that a call reads, and how often there are as many, so that the caches do not
   * hold them. Memory for results beyond 32 MiB comes from the operating system at every call.
   */
  private static final int STORED = (16 << 20) / (CODON * WIDTH * Float.BYTES) * CODON;

  private static final int BLOCKS = 16;
  private static final long ALIGNMENT = 64;

  /** Tokens that are embedded at once. */
  private static final int ROWS = 2048;

  private static final int HEADS = 20;
  private static final int HEAD_WIDTH = 16;
  private static final int SEQUENCES = 70;
  private static final int LENGTH = 29;

  private static final int BATCH = 32;
  private static final int WINDOWS = 14;
  private static final int DNA = 512;
  private static final int STRIDE = 2;

  /** A linear layer's input, packed weight and bias. */
  private record Layer(Tensor x, Tensor weight, Tensor bias) {}

  /** The backend. */
  @Param({"vector", "torch"})
  public String backend;

  /** Threads within operations; 0 for one per core. */
  @Param("0")
  public int threads;

  private final SplittableRandom random = new SplittableRandom(1);
  private Backend kernels;
  private org.codonfuse.compute.Scope inputs;
  private Arena arena;
  private Tensor[] blocks;
  private int calls;
  private Segments codons;
  private Tensor ones;
  private Tensor zeros;
  private Layer narrow;
  private Layer wide;
  private Layer deep;
  private Tensor qkv;
  private Packing packing;
  private Rotation rotation;
  private Tensor windows;
  private Tensor kernel;

  /** Opens the backend, says which one it is, and draws the inputs. */
  @SuppressWarnings("MustBeClosedChecker") // Closed after the trial.
  @Setup(Level.Trial)
  public void open() {
    Backends.Selection selection =
        Backends.select(new Backends.Request(backend, "cpu", threads, Work.INFERENCE));
    System.out.println("# " + selection.describe());
    kernels = selection.backend();
    inputs = kernels.newOwner();
    arena = Arena.ofShared();
    codons = codons();
    packing = Packing.of(IntStream.range(0, SEQUENCES).map(_ -> LENGTH).toArray());
    try (org.codonfuse.compute.Scope _ = kernels.openScope(Mode.INFERENCE)) {
      blocks = IntStream.range(0, BLOCKS).mapToObj(_ -> block()).toArray(Tensor[]::new);
      ones = inputs.adopt(kernels.full(1, Shape.of(WIDTH)));
      zeros = inputs.adopt(kernels.full(0, Shape.of(WIDTH)));
      narrow = layer(320, 960);
      wide = layer(640, 5120);
      deep = layer(2048, 512);
      qkv = normal(packing.rows(), 3L * HEADS * HEAD_WIDTH);
      rotation = new Rotation(normal(LENGTH, HEAD_WIDTH), normal(LENGTH, HEAD_WIDTH));
      windows = normal(BATCH, WINDOWS, DNA);
      kernel = normal(DNA, DNA, STRIDE);
    }
  }

  private Tensor block() {
    Shape shape = Shape.of(STORED, WIDTH);
    MemorySegment rows = arena.allocate(shape.size() * Float.BYTES, ALIGNMENT);
    for (long i = 0; i < shape.size(); i++) {
      rows.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
    }
    return inputs.adopt(kernels.tensor(rows, DType.FLOAT32, shape));
  }

  private Tensor next() {
    return blocks[calls++ % BLOCKS];
  }

  private static Segments codons() {
    int count = STORED / CODON;
    float[] weights = new float[STORED];
    Arrays.fill(weights, 1f / CODON);
    return new Segments(
        IntStream.rangeClosed(0, count).map(s -> CODON * s).toArray(),
        IntStream.range(0, STORED).toArray(),
        weights);
  }

  private Layer layer(int in, int out) {
    return new Layer(normal(ROWS, in), inputs.adopt(kernels.pack(normal(out, in))), normal(out));
  }

  private Tensor normal(long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return inputs.adopt(kernels.tensor(values, shape));
  }

  /** Releases what was opened. */
  @TearDown(Level.Trial)
  public void close() {
    inputs.close();
    kernels.close();
    arena.close();
  }

  /** 16 MiB of rows to the means of three each. */
  @Benchmark
  public Shape codonMean() {
    try (org.codonfuse.compute.Scope _ = kernels.openScope(Mode.INFERENCE)) {
      return kernels.segmentSum(next(), codons).shape();
    }
  }

  /** 16 MiB of rows. */
  @Benchmark
  public Shape layerNorm() {
    try (org.codonfuse.compute.Scope _ = kernels.openScope(Mode.INFERENCE)) {
      return kernels.layerNorm(next(), ones, zeros, 1e-5).shape();
    }
  }

  /** 16 MiB of rows. */
  @Benchmark
  public Shape gelu() {
    try (org.codonfuse.compute.Scope _ = kernels.openScope(Mode.INFERENCE)) {
      return kernels.unary(Unary.GELU, next()).shape();
    }
  }

  /** [2048, 320] to 960, the queries, keys and values of ESM-2 8M. */
  @Benchmark
  public Shape linear320To960() {
    return linear(narrow);
  }

  /** [2048, 640] to 5120, the widest layer of RNA-FM. */
  @Benchmark
  public Shape linear640To5120() {
    return linear(wide);
  }

  /** [2048, 2048] to 512, the last of a layer of Nucleotide Transformer v2. */
  @Benchmark
  public Shape linear2048To512() {
    return linear(deep);
  }

  private Shape linear(Layer layer) {
    try (org.codonfuse.compute.Scope _ = kernels.openScope(Mode.INFERENCE)) {
      return kernels.linear(layer.x(), layer.weight(), layer.bias()).shape();
    }
  }

  /** 70 sequences of 29 tokens, 20 heads of 16, rotated. */
  @Benchmark
  public Shape selfAttention() {
    try (org.codonfuse.compute.Scope _ = kernels.openScope(Mode.INFERENCE)) {
      double scale = 1 / Math.sqrt(HEAD_WIDTH);
      return kernels.selfAttention(qkv, packing, HEADS, scale, Optional.of(rotation)).shape();
    }
  }

  /** [32, 14, 512] to [32, 28, 512]. */
  @Benchmark
  public Shape convTranspose1d() {
    try (org.codonfuse.compute.Scope _ = kernels.openScope(Mode.INFERENCE)) {
      return kernels.convTranspose1d(windows, kernel, STRIDE, 0).shape();
    }
  }
}

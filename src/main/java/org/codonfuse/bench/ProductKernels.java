package org.codonfuse.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.codonfuse.bench.Kernel.Preparation;
import org.codonfuse.bench.Kernel.Size;
import org.codonfuse.bench.Kernel.Way;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/** What is made of products, at the shapes of the encoders and of the fusion model. */
final class ProductKernels {
  /** Tokens that are embedded at once. */
  private static final int ROWS = 2048;

  private static final int SMALL_ROWS = 32;

  private static final int CHANNELS = 1280;
  private static final int STRIDE = 2;
  private static final int MATRIX = 1024;
  private static final int SMALL_MATRIX = 128;

  /** The width in and out of a layer. */
  private record Layer(int in, int out) {}

  private static final List<Layer> LAYERS =
      List.of(
          // ESM-2 8M
          new Layer(320, 960),
          new Layer(320, 320),
          new Layer(320, 1280),
          new Layer(1280, 320),
          // Nucleotide Transformer v2 100M
          new Layer(512, 1536),
          new Layer(512, 512),
          new Layer(512, 2048),
          new Layer(2048, 512),
          // RNA-FM
          new Layer(640, 1920),
          new Layer(640, 640),
          new Layer(640, 5120),
          new Layer(5120, 640));

  private static final List<Layer> UNPACKED = List.of(new Layer(320, 1280), new Layer(2048, 512));

  private ProductKernels() {}

  /** The kernels. */
  static List<Kernel> all() {
    return Stream.of(
            LAYERS.stream().map(layer -> linear("linear", layer, true)),
            UNPACKED.stream().map(layer -> linear("linear-unpacked", layer, false)),
            Stream.of(
                Kernel.products("matmul", matmul(MATRIX), matmul(SMALL_MATRIX)),
                Kernel.products(
                    "self-attention", attention(70, 29, 20, 16), attention(1, 29, 20, 16)),
                Kernel.products(
                    "self-attention", attention(2, 1000, 20, 32), attention(1, 100, 20, 32)),
                Kernel.products(
                    "conv-transpose1d", convTranspose(32, 14, 512), convTranspose(1, 14, 512)),
                Kernel.products(
                    "conv-transpose1d", convTranspose(8, 170, 512), convTranspose(1, 14, 512)),
                Kernel.products("conv1d", conv(32, 27, 640, 5), conv(1, 27, 640, 5))))
        .flatMap(kernels -> kernels)
        .toList();
  }

  private static Kernel linear(String name, Layer layer, boolean packed) {
    return Kernel.products(name, linear(ROWS, layer, packed), linear(SMALL_ROWS, layer, packed));
  }

  private static Size linear(int rows, Layer layer, boolean packed) {
    return size(
        Shape.of(rows, layer.in()),
        Shape.of(rows, layer.out()),
        2.0 * rows * layer.in() * layer.out(),
        (backend, owner) -> {
          Tensor plain = random(backend, owner, layer.out(), layer.in());
          Tensor weight = packed ? owner.adopt(backend.pack(plain)) : plain;
          Optional<Tensor> bias = Optional.of(random(backend, owner, layer.out()));
          return List.of(
              new Way("linear", (x, _) -> backend.linear(x, weight, bias, Epilogue.NONE)));
        });
  }

  private static Size matmul(int n) {
    Shape square = Shape.of(n, n);
    return size(
        square,
        square,
        2.0 * n * n * n,
        (backend, owner) -> {
          Tensor other = random(backend, owner, n, n);
          return List.of(new Way("matmul", (x, _) -> backend.matmul(x, other)));
        });
  }

  /** With rotation, whose operations do not count. */
  private static Size attention(int sequences, int length, int heads, int width) {
    int rows = sequences * length;
    int[] lengths = new int[sequences];
    Arrays.fill(lengths, length);
    Packing packing = Packing.of(lengths);
    Shape input = Shape.of(rows, 3L * heads * width);
    String shape = "%s, %d of %d, %d heads of %d".formatted(input, sequences, length, heads, width);
    return new Size(
        input,
        1,
        shape,
        4.0 * rows * length * heads * width,
        (backend, owner) -> {
          Rotation rotation =
              new Rotation(
                  random(backend, owner, length, width), random(backend, owner, length, width));
          double scale = 1 / Math.sqrt(width);
          return List.of(
              new Way(
                  "selfAttention",
                  (qkv, _) ->
                      backend.selfAttention(qkv, packing, heads, scale, Optional.of(rotation))));
        });
  }

  /** Takes windows of two codons apart. */
  private static Size convTranspose(int batch, int positions, int width) {
    return size(
        Shape.of(batch, positions, width),
        Shape.of(batch, (long) STRIDE * positions, width),
        2.0 * batch * positions * width * width * STRIDE,
        (backend, owner) -> {
          Tensor weight = random(backend, owner, width, width, STRIDE);
          return List.of(
              new Way("convTranspose1d", (x, _) -> backend.convTranspose1d(x, weight, STRIDE, 0)));
        });
  }

  /** As many positions as before; the products with the padding count. */
  private static Size conv(int batch, int positions, int width, int kernel) {
    return size(
        Shape.of(batch, positions, width),
        Shape.of(batch, positions, CHANNELS),
        2.0 * batch * positions * width * CHANNELS * kernel,
        (backend, owner) -> {
          Tensor weight = random(backend, owner, CHANNELS, width, kernel);
          Tensor bias = random(backend, owner, CHANNELS);
          return List.of(
              new Way(
                  "conv1d",
                  (x, _) -> backend.conv1d(x, weight, bias, (kernel - 1) / 2, kernel / 2)));
        });
  }

  private static Size size(Shape from, Shape to, double work, Preparation preparation) {
    return new Size(from, 1, from + " → " + to, work, preparation);
  }

  private static Tensor random(Backend backend, Scope owner, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[shape.intSize()];
    Random random = new Random(shape.size());
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return owner.adopt(backend.tensor(values, shape));
  }
}

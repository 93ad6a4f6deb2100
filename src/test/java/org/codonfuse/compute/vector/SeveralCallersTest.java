package org.codonfuse.compute.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several threads compute on one backend, each with a scope of its own. */
@Timeout(60)
class SeveralCallersTest {
  private static final int CALLERS = 4;
  private static final int ROUNDS = 15;
  private static final int WIDTH = 64;

  @Test
  void resultsAreThoseOfOneCaller() {
    List<float[]> expected = new ArrayList<>();
    try (Backend backend = new VectorBackend(1);
        Scope owner = backend.newOwner()) {
      Tensor[] weights = weights(backend, owner);
      for (int round = 0; round < ROUNDS; round++) {
        expected.add(block(backend, weights, round));
      }
    }
    try (ExecutorService executor = Executors.newFixedThreadPool(CALLERS);
        Backend backend = new VectorBackend(3);
        Scope owner = backend.newOwner()) {
      // Not packed: the first caller lays them out, or all do at once.
      Tensor[] weights = weights(backend, owner);
      int owned = owner.size();
      List<CompletableFuture<Void>> callers = new ArrayList<>();
      for (int c = 0; c < CALLERS; c++) {
        int first = c;
        callers.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < ROUNDS; i++) {
                    // Different sizes at a time, so that arrays go from one caller to another.
                    int round = (first * 4 + i) % ROUNDS;
                    assertArrayEquals(
                        expected.get(round), block(backend, weights, round), "round " + round);
                  }
                },
                executor));
      }
      callers.forEach(CompletableFuture::join);
      assertEquals(owned, owner.size());
    }
  }

  private static Tensor[] weights(Backend backend, Scope owner) {
    Tensor[] weights = new Tensor[4];
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      weights[0] = owner.adopt(normal(backend, 1, 3 * WIDTH, WIDTH));
      weights[1] = owner.adopt(backend.cast(normal(backend, 2, 4 * WIDTH, WIDTH), DType.BFLOAT16));
      weights[2] = owner.adopt(backend.full(0.9, Shape.of(WIDTH)));
      weights[3] = owner.adopt(normal(backend, 4, 48, WIDTH, 3));
    }
    return weights;
  }

  /** Something like a block of an encoder and what follows it, of a size for every round. */
  private static float[] block(Backend backend, Tensor[] weights, int round) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      int[] lengths = {40 + round * 7, 1, 90 + round};
      Packing packing = Packing.of(lengths);
      int rows = packing.rows();
      Tensor x = normal(backend, 100 + round, rows, WIDTH);
      Tensor norm = backend.layerNorm(x, weights[2], weights[2], 1e-5);
      Tensor qkv = backend.linear(norm, weights[0]);
      Tensor attended = backend.selfAttention(qkv, packing, 4, 0.25, Optional.empty());
      Tensor sum = backend.binary(Binary.ADD, x, attended);
      Tensor half = backend.cast(sum, DType.BFLOAT16);
      Tensor wide = backend.unary(Unary.GELU, backend.linear(half, weights[1]));
      Tensor narrow = backend.narrow(backend.cast(wide, DType.FLOAT32), 1, WIDTH, WIDTH);
      Tensor cube = backend.reshape(narrow, Shape.of(1, rows, WIDTH));
      Tensor conv = backend.conv1d(cube, weights[3], backend.full(0.5, Shape.of(48)), 1, 1);
      Tensor soft = backend.softmax(backend.reshape(conv, Shape.of(rows, 48)));
      return backend.segmentSum(soft, halves(rows)).toFloats();
    }
  }

  /** Means of every two rows. */
  private static Segments halves(int rows) {
    int count = rows / 2;
    int[] offsets = new int[count + 1];
    int[] members = new int[2 * count];
    float[] shares = new float[2 * count];
    for (int i = 0; i < 2 * count; i++) {
      offsets[i / 2 + 1] = i / 2 * 2 + 2;
      members[i] = i;
      shares[i] = 0.5f;
    }
    return new Segments(offsets, members, shares);
  }

  private static Tensor normal(Backend backend, int seed, long... sizes) {
    Random random = new Random(seed);
    Shape shape = Shape.of(sizes);
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return backend.tensor(values, shape);
  }
}

package org.codonfuse.compute.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.junit.jupiter.api.Test;

class BuffersTest {
  private final Buffers buffers = new Buffers();

  @Test
  void arraysOfSimilarSizeAreReused() {
    float[] array = buffers.take(1000);
    assertNotSame(array, buffers.take(1000));
    buffers.give(array);
    assertSame(array, buffers.take(1020));
  }

  @Test
  void arraysAreLongEnoughAndAtMostAQuarterLonger() {
    for (int n = 0; n < 5000; n++) {
      int length = buffers.take(n).length;
      assertTrue(
          length >= n && (n <= 64 ? length == 64 : length * 4L <= n * 5L + 4), n + ": " + length);
    }
    for (int n : new int[] {1 << 20, (1 << 20) + 1, 5 << 18, (7 << 18) - 1}) {
      int length = buffers.take(n).length;
      assertTrue(length >= n && length * 4L <= n * 5L + 4, n + ": " + length);
    }
  }

  @Test
  void neverMoreIsKeptThanWasInUseAtOnce() {
    float[] first = buffers.take(64);
    float[] second = buffers.take(64);
    float[] third = buffers.take(64);
    buffers.give(first);
    buffers.give(second);
    buffers.give(third);
    // 192 values were in use at once: this one and one of them.
    buffers.give(buffers.take(128));
    assertSame(third, buffers.take(64), "what was given back last goes last");
    float[] fresh = buffers.take(64);
    assertNotSame(first, fresh);
    assertNotSame(second, fresh);
  }

  @Test
  void keptIsBoundedWhateverIsTaken() {
    Random random = new Random(5);
    List<float[]> used = new ArrayList<>();
    Set<float[]> inUse = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<float[]> made = Collections.newSetFromMap(new IdentityHashMap<>());
    long now = 0;
    long peak = 0;
    for (int i = 0; i < 2000; i++) {
      if (used.isEmpty() || random.nextInt(20) > used.size()) {
        float[] array = buffers.take(random.nextInt(1, 3000));
        assertTrue(inUse.add(array), "given to two at once");
        used.add(array);
        made.add(array);
        now += array.length;
        peak = Math.max(peak, now);
      } else {
        float[] array = used.remove(random.nextInt(used.size()));
        inUse.remove(array);
        now -= array.length;
        buffers.give(array);
      }
    }
    used.forEach(buffers::give);
    long kept = 0;
    for (float[] array : kept(made)) {
      kept += array.length;
    }
    assertTrue(kept <= peak, kept + " values are kept of " + peak);
  }

  /** Which of the arrays are kept, all of which it takes. */
  private Set<float[]> kept(Set<float[]> made) {
    Set<float[]> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    for (float[] array : made) {
      float[] taken = buffers.take(array.length);
      if (made.contains(taken)) {
        kept.add(taken);
      }
    }
    return kept;
  }

  @Test
  void clearingLeavesArraysToTheCollector() {
    float[] array = buffers.take(100);
    buffers.give(array);
    buffers.clear();
    assertNotSame(array, buffers.take(100));
  }

  @Test
  void anArrayTooLargeIsRefusedAndDoesNotCountAsUsed() {
    float[] first = buffers.take(64);
    float[] second = buffers.take(64);
    DeviceException e =
        assertThrows(DeviceException.class, () -> buffers.take(Integer.MAX_VALUE - 8));
    assertEquals(DeviceException.Kind.OUT_OF_MEMORY, e.kind());
    assertTrue(e.getMessage().contains("8589934556 bytes"), e.getMessage());
    buffers.give(first);
    buffers.give(second);
    float[] third = buffers.take(80);
    buffers.give(third);
    // 128 values were in use at once, of which the last array leaves room for no other.
    assertNotSame(second, buffers.take(64));
    assertSame(third, buffers.take(80));
  }

  @Test
  void threadsNeverShareAnArray() {
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      float mark = t;
      threads.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 2000; i++) {
                  float[] array = buffers.take(64 + i % 3 * 16);
                  array[i % 64] = mark;
                  Thread.onSpinWait();
                  assertEquals(mark, array[i % 64]);
                  buffers.give(array);
                }
              }));
    }
    threads.forEach(CompletableFuture::join);
  }

  @Test
  void aBackendReusesTheArraysOfReleasedTensors() {
    try (VectorBackend backend = new VectorBackend(1)) {
      float[] array;
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        array = array(backend.full(1, Shape.of(200)));
      }
      try (Scope scope = backend.openScope(Mode.INFERENCE)) {
        assertSame(array, array(backend.full(2, Shape.of(200))));
        scope.close();
        scope.close();
      }
      assertGivenBackOnce(backend, array);
    }
  }

  @Test
  void viewsKeepTheArrayOfTheirParentUntilTheLastIsReleased() {
    try (VectorBackend backend = new VectorBackend(1);
        Scope first = backend.newOwner();
        Scope second = backend.newOwner()) {
      float[] array;
      Tensor part;
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        Tensor parent = backend.full(3, Shape.of(20, 10));
        array = array(parent);
        first.adopt(backend.reshape(parent, Shape.of(10, 20)));
        part = second.adopt(backend.narrow(backend.reshape(parent, Shape.of(200)), 0, 50, 100));
      }
      assertNotGivenBack(backend, array);
      first.close();
      assertNotGivenBack(backend, array);
      float[] expected = new float[100];
      Arrays.fill(expected, 3);
      assertArrayEquals(expected, part.toFloats());
      second.close();
      second.close();
      assertGivenBackOnce(backend, array);
    }
  }

  private static void assertNotGivenBack(VectorBackend backend, float[] array) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      for (int i = 0; i < 4; i++) {
        assertNotSame(array, array(backend.full(i, Shape.of(200))));
      }
    }
  }

  private static void assertGivenBackOnce(VectorBackend backend, float[] array) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      assertSame(array, array(backend.full(1, Shape.of(200))));
      for (int i = 0; i < 8; i++) {
        assertNotSame(array, array(backend.full(i, Shape.of(200))));
      }
    }
  }

  private static float[] array(Tensor tensor) {
    return VectorTensor.of(tensor).floats().array();
  }
}

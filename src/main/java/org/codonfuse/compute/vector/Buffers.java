package org.codonfuse.compute.vector;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.IntFunction;
import org.codonfuse.compute.DeviceException;

/**
 * Arrays of released tensors, kept for the next ones: new large arrays would be zeroed, go to the
 * old generation and have it collected every few batches. Never more is kept than was in use at
 * once; what was given back first goes first. May be used from any thread.
 */
final class Buffers {
  /** The one given back last first. */
  private final ArrayDeque<float[]> free = new ArrayDeque<>();

  private long used;
  private long peak;
  private long kept;

  /**
   * An array of at least {@code n} values, whatever they are.
   *
   * @throws DeviceException if the heap has no room for it
   */
  float[] take(int n) {
    int size = size(n);
    synchronized (this) {
      for (Iterator<float[]> each = free.iterator(); each.hasNext(); ) {
        float[] array = each.next();
        if (array.length == size) {
          each.remove();
          kept -= size;
          use(size);
          return array;
        }
      }
    }
    float[] array = allocate(size, Float.BYTES, float[]::new);
    use(size);
    return array;
  }

  /** Only what there is counts: the peak limits what is kept. */
  private synchronized void use(int size) {
    used += size;
    peak = Math.max(peak, used);
  }

  /**
   * A new array that is not given back, for which what is kept makes room.
   *
   * @param bytes of a value
   * @param make makes an array of a length
   * @throws DeviceException if the heap has no room for it
   */
  <T> T allocate(int n, int bytes, IntFunction<T> make) {
    try {
      return make.apply(n);
    } catch (OutOfMemoryError e) {
      clear();
    }
    try {
      return make.apply(n);
    } catch (OutOfMemoryError e) {
      throw new DeviceException(
          DeviceException.Kind.OUT_OF_MEMORY,
          "The Java heap has no room for " + (long) bytes * n + " bytes; give it more with -Xmx",
          e);
    }
  }

  /** Takes an array back that {@link #take} gave. */
  synchronized void give(float[] array) {
    used -= array.length;
    free.push(array);
    kept += array.length;
    while (kept > peak - used) {
      kept -= free.removeLast().length;
    }
  }

  /** Leaves all that is kept to the garbage collector. */
  synchronized void clear() {
    free.clear();
    kept = 0;
  }

  /**
   * Sizes that arrays are made in, so that batches of slightly different size share them: 4, 5, 6
   * or 7 times a power of two.
   */
  private static int size(int n) {
    int least = Math.max(n, 64);
    int shift = Math.max(0, 29 - Integer.numberOfLeadingZeros(least - 1));
    long rounded = (((least - 1L) >> shift) + 1) << shift;
    return (int) Math.max(n, Math.min(rounded, Integer.MAX_VALUE - 8));
  }
}

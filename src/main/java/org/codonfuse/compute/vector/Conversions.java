package org.codonfuse.compute.vector;

import java.lang.reflect.Array;
import org.codonfuse.compute.DType;

/** Element types that are held and moved, but not computed with. */
final class Conversions {
  private Conversions() {}

  /** The values as an array of float64, int64 or bool. */
  static Object convert(VectorTensor x, DType dtype) {
    int n = x.shape().intSize();
    return switch (dtype) {
      case FLOAT64 -> doubles(x);
      case INT64 -> {
        if (!x.dtype().isFloating()) {
          yield x.toLongs();
        }
        double[] doubles = doubles(x);
        long[] values = new long[n];
        for (int i = 0; i < n; i++) {
          values[i] = (long) doubles[i];
        }
        yield values;
      }
      case BOOL -> {
        double[] doubles = doubles(x);
        boolean[] values = new boolean[n];
        for (int i = 0; i < n; i++) {
          values[i] = doubles[i] != 0;
        }
        yield values;
      }
      default -> throw new IllegalArgumentException("convert to " + dtype);
    };
  }

  private static double[] doubles(VectorTensor x) {
    int n = x.shape().intSize();
    double[] values = new double[n];
    if (x.dtype() == DType.FLOAT64) {
      x.copy(0, values, 0, n);
    } else if (x.dtype().isFloating()) {
      float[] floats = x.toFloats();
      for (int i = 0; i < n; i++) {
        values[i] = floats[i];
      }
    } else {
      long[] longs = x.toLongs();
      for (int i = 0; i < n; i++) {
        values[i] = longs[i];
      }
    }
    return values;
  }

  /** A new array of the element type of another. */
  static Object like(Object array, int n) {
    return Array.newInstance(array.getClass().componentType(), n);
  }
}

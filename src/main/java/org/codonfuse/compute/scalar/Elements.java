package org.codonfuse.compute.scalar;

import java.util.function.DoubleUnaryOperator;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Unary;
import org.hipparchus.special.Erf;

/** Element-wise operations: each returns the array of the result. */
final class Elements {
  private Elements() {}

  static Object cast(ScalarTensor x, DType dtype) {
    Object array = x.array();
    int size = x.shape().intSize();
    return switch (dtype) {
      case FLOAT32, BFLOAT16, FLOAT16 -> Rounding.round(dtype, x.toFloats());
      case FLOAT64 -> {
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
          values[i] = value(array, i);
        }
        yield values;
      }
      case INT64 -> {
        if (!x.dtype().isFloating()) {
          yield x.toLongs();
        }
        long[] values = new long[size];
        for (int i = 0; i < size; i++) {
          values[i] = (long) value(array, i);
        }
        yield values;
      }
      case BOOL -> {
        boolean[] values = new boolean[size];
        for (int i = 0; i < size; i++) {
          values[i] = value(array, i) != 0;
        }
        yield values;
      }
    };
  }

  static float[] unary(Unary function, ScalarTensor x) {
    return map(x, i -> apply(function, i));
  }

  static float[] map(ScalarTensor x, DoubleUnaryOperator function) {
    float[] from = x.floats();
    float[] to = new float[from.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = (float) function.applyAsDouble(from[i]);
    }
    return to;
  }

  static float[] binary(Binary function, ScalarTensor a, ScalarTensor b, Shape result) {
    float[] left = a.floats();
    float[] right = b.floats();
    int[] leftIndex = broadcastIndices(a.shape(), result);
    int[] rightIndex = broadcastIndices(b.shape(), result);
    float[] to = new float[result.intSize()];
    for (int i = 0; i < to.length; i++) {
      to[i] = apply(function, left[leftIndex[i]], right[rightIndex[i]]);
    }
    return to;
  }

  private static double apply(Unary function, double x) {
    return switch (function) {
      case RELU -> Math.max(x, 0);
      case GELU -> x * standardNormalCdf(x);
      case SILU -> x * sigmoid(x);
      case TANH -> Math.tanh(x);
      case SIGMOID -> sigmoid(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
    };
  }

  private static float apply(Binary function, float a, float b) {
    return switch (function) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
    };
  }

  /** Φ(x) = ½ erfc(−x / √2), which keeps its relative precision where ½ (1 + erf) cancels. */
  private static double standardNormalCdf(double x) {
    return 0.5 * Erf.erfc(-x / Math.sqrt(2));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** For every element of the result the index of the one it comes from. */
  private static int[] broadcastIndices(Shape from, Shape result) {
    int[] indices = new int[result.intSize()];
    int missing = result.rank() - from.rank();
    for (int i = 0; i < indices.length; i++) {
      int rest = i;
      int stride = 1;
      for (int axis = result.rank() - 1; axis >= missing; axis--) {
        int coordinate = rest % result.intDim(axis);
        rest /= result.intDim(axis);
        int size = from.intDim(axis - missing);
        indices[i] += size == 1 ? 0 : coordinate * stride;
        stride *= size;
      }
    }
    return indices;
  }

  private static double value(Object array, int index) {
    return switch (array) {
      case float[] values -> values[index];
      case double[] values -> values[index];
      case long[] values -> values[index];
      case boolean[] values -> values[index] ? 1 : 0;
      default -> throw new AssertionError(array);
    };
  }
}

package org.codonfuse.compute.scalar;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Array;
import java.util.List;
import org.codonfuse.compute.Around;
import org.codonfuse.compute.ArrayTransposition;
import org.codonfuse.compute.Bfloat16;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/** Operations that move values without computing any: each returns the array of the result. */
final class Movement {
  private Movement() {}

  /** Values in native byte order. */
  static Object read(MemorySegment segment, DType dtype, int size) {
    return switch (dtype) {
      case FLOAT32 -> {
        float[] values = new float[size];
        MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values, 0, size);
        yield values;
      }
      case FLOAT64 -> {
        double[] values = new double[size];
        MemorySegment.copy(segment, ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, values, 0, size);
        yield values;
      }
      case INT64 -> {
        long[] values = new long[size];
        MemorySegment.copy(segment, ValueLayout.JAVA_LONG_UNALIGNED, 0, values, 0, size);
        yield values;
      }
      case BOOL -> {
        boolean[] values = new boolean[size];
        for (int i = 0; i < size; i++) {
          values[i] = segment.get(ValueLayout.JAVA_BYTE, i) != 0;
        }
        yield values;
      }
      case BFLOAT16, FLOAT16 -> {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
          short bits = segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i);
          values[i] = dtype == DType.FLOAT16 ? Float.float16ToFloat(bits) : Bfloat16.toFloat(bits);
        }
        yield values;
      }
    };
  }

  static Object transpose(ScalarTensor x, int axis, int other) {
    Object to = like(x.array(), x.shape().intSize());
    ArrayTransposition.transpose(x.array(), 0, x.shape(), axis, other, to);
    return to;
  }

  static Object narrow(ScalarTensor x, int axis, int start, int length) {
    Around around = Around.axis(x.shape(), axis);
    int block = length * around.inner();
    Object from = x.array();
    Object to = like(from, around.outer() * block);
    for (int o = 0; o < around.outer(); o++) {
      int source = (o * around.size() + start) * around.inner();
      System.arraycopy(from, source, to, o * block, block);
    }
    return to;
  }

  static Object concat(List<Tensor> tensors, int axis, Shape result) {
    Object to = like(ScalarTensor.of(tensors.getFirst()).array(), result.intSize());
    int outer = Around.axis(result, axis).outer();
    int at = 0;
    for (int o = 0; o < outer; o++) {
      for (Tensor tensor : tensors) {
        Around around = Around.axis(tensor.shape(), axis);
        int block = around.size() * around.inner();
        System.arraycopy(ScalarTensor.of(tensor).array(), o * block, to, at, block);
        at += block;
      }
    }
    return to;
  }

  private static Object like(Object array, int length) {
    return Array.newInstance(array.getClass().componentType(), length);
  }
}

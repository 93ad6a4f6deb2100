package org.codonfuse.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Bfloat16;

/** Stored little-endian bytes as Java arrays. */
public final class Elements {
  private static final ValueLayout.OfByte INT8 = ValueLayout.JAVA_BYTE;

  private Elements() {}

  static float[] floats(Path path, TensorInfo info, MemorySegment data) {
    float[] values = new float[arraySize(path, info)];
    if (!isFloating(info.type())) {
      throw unsuitable(path, info, "floating point numbers (F32, F16, BF16 or F64)");
    }
    decode(info.type(), data, values, 0, values.length);
    return values;
  }

  private static boolean isFloating(StoredType type) {
    return switch (type) {
      case F32, F16, BF16, F64 -> true;
      default -> false;
    };
  }

  /**
   * Converts stored numbers: F16 and BF16 exactly, F64 to the nearest float.
   *
   * @param type F32, F16, BF16 or F64
   * @param data the stored bytes, little-endian, from the first number on; a {@link MemorySegment}
   *     so that mapped files are read in place
   * @param target receives them from {@code offset} on
   * @param count of numbers
   */
  public static void decode(
      StoredType type, MemorySegment data, float[] target, int offset, int count) {
    switch (type) {
      case F32 -> MemorySegment.copy(data, LittleEndian.FLOAT32, 0, target, offset, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          target[offset + i] = Float.float16ToFloat(data.get(LittleEndian.INT16, 2L * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          target[offset + i] = Bfloat16.toFloat(data.get(LittleEndian.INT16, 2L * i));
        }
      }
      case F64 -> {
        for (int i = 0; i < count; i++) {
          target[offset + i] = (float) data.get(LittleEndian.FLOAT64, 8L * i);
        }
      }
      default -> throw new IllegalArgumentException(type + " is no floating point type");
    }
  }

  static long[] longs(Path path, TensorInfo info, MemorySegment data) {
    long[] values = new long[arraySize(path, info)];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (info.type()) {
            case I64 -> data.get(LittleEndian.INT64, 8L * i);
            case U64 -> unsigned(path, info, data.get(LittleEndian.INT64, 8L * i));
            case I32 -> data.get(LittleEndian.INT32, 4L * i);
            case U32 -> Integer.toUnsignedLong(data.get(LittleEndian.INT32, 4L * i));
            case I16 -> data.get(LittleEndian.INT16, 2L * i);
            case U16 -> Short.toUnsignedLong(data.get(LittleEndian.INT16, 2L * i));
            case I8 -> data.get(INT8, i);
            case U8 -> Byte.toUnsignedLong(data.get(INT8, i));
            case BOOL -> data.get(INT8, i) == 0 ? 0 : 1;
            default -> throw unsuitable(path, info, "integers or booleans");
          };
    }
    return values;
  }

  private static long unsigned(Path path, TensorInfo info, long value) {
    if (value < 0) {
      throw unsuitable(path, info, "integers up to 2^63 - 1, not " + Long.toUnsignedString(value));
    }
    return value;
  }

  private static int arraySize(Path path, TensorInfo info) {
    if (info.shape().size() > Integer.MAX_VALUE - 8) {
      throw unsuitable(path, info, "few enough elements for one Java array");
    }
    return info.shape().intSize();
  }

  private static CodonfuseException unsuitable(Path path, TensorInfo info, String wanted) {
    return new CodonfuseException(
        "%s: tensor %s (%s %s) is read where it must hold %s; use a checkpoint that stores it so."
            .formatted(path, Names.quoted(info.name()), info.type(), info.shape(), wanted));
  }
}

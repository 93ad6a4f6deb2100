package org.codonfuse.weights;

import java.lang.foreign.MemorySegment;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Bfloat16;
import org.codonfuse.compute.Shape;

/**
 * A tensor of a source as it is to be written elsewhere, converted when it is written.
 *
 * @param source stays open until then
 * @param name in the source
 * @param type F32, F16 or BF16 for a floating point tensor; or the type that it has
 */
public record StoredTensor(TensorSource source, String name, StoredType type)
    implements TensorContent {

  /** A tensor in the type that it has. */
  public static StoredTensor of(TensorSource source, String name) {
    return new StoredTensor(source, name, source.info(name).type());
  }

  @Override
  public Shape shape() {
    return source.info(name).shape();
  }

  /**
   * The bytes in place, or converted to the nearest numbers, ties to even.
   *
   * @throws CodonfuseException if a number is too large for the type
   */
  @Override
  public MemorySegment data() {
    if (source.info(name).type() == type) {
      return source.segment(name);
    }
    float[] values = source.floats(name);
    if (type == StoredType.F32) {
      return TensorData.of(shape(), values).data();
    }
    byte[] bytes = new byte[Math.multiplyExact(values.length, type.bytes())];
    MemorySegment converted = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      converted.set(LittleEndian.INT16, 2L * i, convert(values[i]));
    }
    return converted;
  }

  private short convert(float value) {
    short converted =
        switch (type) {
          case F16 -> Float.floatToFloat16(value);
          case BF16 -> Bfloat16.of(value);
          default -> throw new IllegalArgumentException("No conversion to " + type);
        };
    boolean infinite =
        type == StoredType.F16
            ? Float.isInfinite(Float.float16ToFloat(converted))
            : Float.isInfinite(Bfloat16.toFloat(converted));
    if (infinite && !Float.isInfinite(value)) {
      throw new CodonfuseException(
          "%s: tensor %s holds %s, which is too large for %s; choose float32."
              .formatted(source.path(), Names.quoted(name), value, type));
    }
    return converted;
  }
}

package org.codonfuse.compute;

import java.lang.foreign.MemorySegment;

/** Values that are in the host's memory; converted by who wants them, not by who computes. */
final class ArrayRead implements HostRead {
  private final DType dtype;
  private float[] values;

  ArrayRead(float[] values, DType dtype) {
    this.values = values;
    this.dtype = dtype;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public MemorySegment bytes() {
    return ElementBytes.of(source(), dtype).asReadOnly();
  }

  @Override
  public float[] await() {
    return dtype == DType.FLOAT32
        ? source().clone()
        : ElementBytes.toFloats(ElementBytes.of(source(), dtype), dtype);
  }

  @Override
  public float largest() {
    // Magnitudes are ordered as their bits are, with NaN above all.
    int largest = 0;
    for (float value : source()) {
      largest = Math.max(largest, Float.floatToRawIntBits(value) & Integer.MAX_VALUE);
    }
    return Float.intBitsToFloat(largest);
  }

  @Override
  public float[] source() {
    float[] open = values;
    if (open == null) {
      throw new IllegalStateException("A read was used after it was closed");
    }
    return open;
  }

  @Override
  public void close() {
    values = null;
  }
}

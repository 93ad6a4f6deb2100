package org.codonfuse.compute;

import java.util.Arrays;

/** Values in an array, which needs no closing. */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record HeapTensor(Shape shape, float[] values) implements HostTensor {
  @Override
  public void write(long offset, float[] source, int from, int length) {
    System.arraycopy(source, from, values, Math.toIntExact(offset), length);
  }

  @Override
  public void clear(long offset, long length) {
    Arrays.fill(values, Math.toIntExact(offset), Math.toIntExact(offset + length), 0);
  }

  @Override
  public float[] toFloats() {
    return values.clone();
  }

  @Override
  public void close() {
    // The garbage collector's.
  }
}

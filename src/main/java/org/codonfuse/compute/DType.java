package org.codonfuse.compute;

/** Element types of tensors. */
public enum DType {
  FLOAT32(4),
  FLOAT64(8),
  BFLOAT16(2),
  FLOAT16(2),
  INT64(8),
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether elements are floating point numbers. */
  public boolean isFloating() {
    return this != INT64 && this != BOOL;
  }
}

package org.codonfuse.weights;

import java.util.Optional;
import org.codonfuse.compute.DType;

/**
 * Element types that a weight file can hold, named as safetensors spells them. All are stored
 * little-endian. Those that tensors compute with have a {@link #dtype}.
 */
public enum StoredType {
  F64(8, DType.FLOAT64),
  F32(4, DType.FLOAT32),
  F16(2, DType.FLOAT16),
  BF16(2, DType.BFLOAT16),
  F8_E5M2(1),
  F8_E4M3(1),
  F8_E8M0(1),
  F8_E5M2FNUZ(1),
  F8_E4M3FNUZ(1),
  C64(8),
  I64(8, DType.INT64),
  I32(4),
  I16(2),
  I8(1),
  U64(8),
  U32(4),
  U16(2),
  U8(1),
  BOOL(1, DType.BOOL);

  private final int bytes;
  private final Optional<DType> dtype;

  StoredType(int bytes) {
    this.bytes = bytes;
    this.dtype = Optional.empty();
  }

  StoredType(int bytes, DType dtype) {
    this.bytes = bytes;
    this.dtype = Optional.of(dtype);
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** The element type of a tensor made from the stored bytes as they are, if there is one. */
  public Optional<DType> dtype() {
    return dtype;
  }

  /** The type that safetensors spells {@code label}, if it is known. */
  public static Optional<StoredType> of(String label) {
    for (StoredType type : values()) {
      if (type.name().equals(label)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** The stored type of tensors of {@code dtype}. */
  public static StoredType of(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> F32;
      case FLOAT64 -> F64;
      case BFLOAT16 -> BF16;
      case FLOAT16 -> F16;
      case INT64 -> I64;
      case BOOL -> BOOL;
    };
  }
}

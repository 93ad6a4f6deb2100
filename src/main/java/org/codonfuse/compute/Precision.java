package org.codonfuse.compute;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;

/**
 * The element type that a model's matrix products compute in, or that its results are stored in.
 */
public enum Precision {
  FLOAT32(DType.FLOAT32),
  /** The range of float32 with 8 bits of precision. */
  BFLOAT16(DType.BFLOAT16),
  /** 11 bits of precision up to 65504. */
  FLOAT16(DType.FLOAT16);

  private final DType dtype;

  Precision(DType dtype) {
    this.dtype = dtype;
  }

  /** The element type of its tensors. */
  public DType dtype() {
    return dtype;
  }

  /** The name used in options and files, such as {@code bfloat16}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What matrix products compute in on a device where results are wanted in this precision: CPUs
   * have no fast float16.
   */
  public Precision on(Device device) {
    return this == FLOAT16 && device.kind() == Device.Kind.CPU ? FLOAT32 : this;
  }

  /**
   * The precision of this {@link #label}.
   *
   * @throws UsageException if there is none
   */
  public static Precision of(String label) {
    return Arrays.stream(values())
        .filter(precision -> precision.label().equals(label.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "'%s' is no precision; give %s."
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(Precision::label)
                                .collect(Collectors.joining(", ")))));
  }
}

package org.codonfuse.fusion;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a transposed convolution with stride 2 makes codons of windows of DNA, where BioLangFusion
 * contradicts itself.
 */
public enum Upsampling {
  /** Equation 1: kernel 2. A window becomes its own two codons and nothing else. */
  EXACT(2, 0),
  /**
   * List 1: kernel 3, padding 2. N windows become 2N − 3 positions, codons shift against the other
   * modalities, and what is missing at the end is zero.
   */
  LIST1(3, 2);

  /** Codons of a window. */
  static final int STRIDE = 2;

  private final int kernel;
  private final int padding;

  Upsampling(int kernel, int padding) {
    this.kernel = kernel;
    this.padding = padding;
  }

  /** Width of the kernel. */
  public int kernel() {
    return kernel;
  }

  /** Positions that are cut from either end of the full result. */
  int padding() {
    return padding;
  }

  /** Number of positions that windows become. */
  int positions(int windows) {
    return windows == 0 ? 0 : Math.max(0, (windows - 1) * STRIDE + kernel - 2 * padding);
  }

  /** The name in files and options: {@code exact}, {@code list1}. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one with this {@link #label}. */
  public static Optional<Upsampling> of(String label) {
    return Arrays.stream(values()).filter(one -> one.label().equals(label)).findFirst();
  }

  /** All labels. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(Upsampling::label).toList();
  }
}

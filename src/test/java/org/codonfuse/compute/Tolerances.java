package org.codonfuse.compute;

/** How far results may lie from their reference: every tolerance of the tests, with its reason. */
public final class Tolerances {
  /**
   * A value is accepted within {@code absolute + relative · |expected|}; NaN and infinities only as
   * themselves.
   */
  public record Tolerance(double absolute, double relative) {
    /** Whether {@code actual} is close enough to {@code expected}. */
    public boolean accepts(double expected, double actual) {
      if (Double.isNaN(expected) || Double.isInfinite(expected)) {
        return Double.compare(expected, actual) == 0;
      }
      return Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
    }
  }

  /** Values are moved, or are one IEEE 754 operation. */
  public static final Tolerance EXACT = new Tolerance(0, 0);

  /** x · scale + shift may be fused: one rounding less, and cancellation shows it. */
  public static final Tolerance FUSED = new Tolerance(1e-6, 1e-6);

  /**
   * Vectorised functions err by a few units in the last place, 6e-8 each, also of intermediate
   * values of about 1 that cancel.
   */
  public static final Tolerance FUNCTIONS = new Tolerance(5e-7, 2e-6);

  /**
   * GELU as ½ x (1 + erf(x / √2)) loses its relative precision in the lower tail: the errors of erf
   * near −1, a polynomial in oneDNN, are left times ½ |x|. Over all float32 in [−5, −2], LibTorch
   * 2.13 with AVX-512 errs by up to 1.16e-6, at −3.46.
   */
  private static final Tolerance GELU = new Tolerance(1.2e-6, 2e-6);

  /** A mean and a variance in float32 before the division; inputs vary by about 1. */
  public static final Tolerance NORMALISED = new Tolerance(5e-6, 5e-6);

  /** Scores of a few tens of float32 products, an exponential and a weighted mean. */
  public static final Tolerance ATTENTION = new Tolerance(5e-6, 5e-6);

  /** Formulas evaluated in double for the expected values of the scalar backend's float32. */
  public static final Tolerance FLOAT32 = new Tolerance(1e-7, 1e-7);

  private Tolerances() {}

  /** One element-wise function. */
  public static Tolerance of(Unary function) {
    return function == Unary.GELU ? GELU : FUNCTIONS;
  }

  /**
   * Sums of float32 terms of magnitude about 1: each addition errs by up to half a unit in the last
   * place of a partial sum of about √terms. Errors of random sign add to half of the bound here.
   */
  public static Tolerance sum(int terms) {
    return new Tolerance(1e-6 + terms * 0x1p-23, 1e-6);
  }

  /**
   * One operation on inputs that the type holds exactly: its result is rounded once, and may be
   * rounded to the other neighbour; intermediate results (attention weights) may be rounded too.
   */
  public static Tolerance rounded(DType dtype) {
    double unit =
        switch (dtype) {
          case FLOAT32, FLOAT64 -> 0x1p-20;
          case FLOAT16 -> 0x1p-11;
          case BFLOAT16 -> 0x1p-8;
          case INT64, BOOL -> 0;
        };
    return new Tolerance(4 * unit, 2 * unit);
  }
}

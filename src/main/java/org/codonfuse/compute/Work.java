package org.codonfuse.compute;

/**
 * What a backend is wanted for, on which it depends which one is the fastest.
 *
 * @param training whether gradients are needed
 * @param precision what matrix products compute in
 */
public record Work(boolean training, Precision precision) {
  /** Training, in float32. */
  public static final Work TRAINING = new Work(true, Precision.FLOAT32);

  /** Results only, in float32. */
  public static final Work INFERENCE = inference(Precision.FLOAT32);

  /** Results only. */
  public static Work inference(Precision precision) {
    return new Work(false, precision);
  }
}

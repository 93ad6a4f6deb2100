package org.codonfuse.encoder;

import java.util.Arrays;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/**
 * Cosines and sines of the rotary positions 0, 1, … for one set of frequencies.
 *
 * @param frequencies what they were computed from
 * @param cos [position, headWidth], the frequencies repeated in both halves
 * @param sin the same shape
 */
record Rotation(float[] frequencies, Tensor cos, Tensor sin) {
  /** The rotation of these frequencies; the one of the layer before where they are the same. */
  static Rotation of(Backend backend, float[] frequencies, int positions, Rotation before) {
    if (before != null && Arrays.equals(before.frequencies, frequencies)) {
      return before;
    }
    int half = frequencies.length;
    float[] cos = new float[positions * 2 * half];
    float[] sin = new float[cos.length];
    for (int t = 0; t < positions; t++) {
      for (int i = 0; i < half; i++) {
        // The reference rounds the angle to float32 before it takes the functions.
        float angle = t * frequencies[i];
        int first = t * 2 * half + i;
        cos[first] = cos[first + half] = (float) Math.cos(angle);
        sin[first] = sin[first + half] = (float) Math.sin(angle);
      }
    }
    Shape shape = Shape.of(positions, 2L * half);
    return new Rotation(frequencies, backend.tensor(cos, shape), backend.tensor(sin, shape));
  }
}

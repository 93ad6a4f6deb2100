package org.codonfuse.encoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;

/** The cosines and sines of rotary positions, made once for layers that share frequencies. */
final class Rotations {
  private record Made(float[] frequencies, Rotation rotation) {}

  private final Backend backend;
  private final Scope owner;
  private final int positions;
  private final List<Made> made = new ArrayList<>();

  /**
   * @param owner of the tensors
   * @param positions 0, 1, … that are ever needed
   */
  Rotations(Backend backend, Scope owner, int positions) {
    this.backend = backend;
    this.owner = owner;
    this.positions = positions;
  }

  /** The rotation by these frequencies, [headWidth / 2], repeated in both halves. */
  Rotation of(float[] frequencies) {
    for (Made earlier : made) {
      if (Arrays.equals(earlier.frequencies, frequencies)) {
        return earlier.rotation;
      }
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
    Rotation rotation =
        new Rotation(
            owner.adopt(backend.tensor(cos, shape)), owner.adopt(backend.tensor(sin, shape)));
    made.add(new Made(frequencies, rotation));
    return rotation;
  }
}

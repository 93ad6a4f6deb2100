package org.codonfuse.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LoraFactorsTest {
  @Test
  void updateIsScaleTimesBTimesA() {
    LoraFactors factors =
        new LoraFactors(2, 3, 2, new float[] {1, 2, 3, 4, 5, 6}, new float[] {1, 0, -1, 2});
    float[] weight = {10, 10, 10, 20, 20, 20};
    factors.addTo(weight, 0.5);
    assertArrayEquals(new float[] {10.5f, 11, 11.5f, 23.5f, 24, 24.5f}, weight);
    assertEquals(10, factors.parameters());
  }

  @Test
  void normIsThatOfTheProduct() {
    SplittableRandom random = new SplittableRandom(3);
    LoraFactors factors = new LoraFactors(4, 7, 9, draw(28, random), draw(36, random));
    float[] update = new float[63];
    factors.addTo(update, -1.5);
    double squares = 0;
    for (float value : update) {
      squares += (double) value * value;
    }
    assertEquals(Math.sqrt(squares), factors.norm(-1.5), 1e-6);
  }

  @Test
  void freshFactorsChangeNothing() {
    SplittableRandom random = new SplittableRandom(4);
    LoraFactors fresh = new LoraFactors(2, 3, 5, draw(6, random), new float[10]);
    float[] weight = draw(15, random);
    float[] before = weight.clone();
    fresh.addTo(weight, 2);
    assertArrayEquals(before, weight);
    assertTrue(fresh.isZero());
    assertEquals(0, fresh.norm(2));
    assertFalse(new LoraFactors(2, 3, 5, draw(6, random), draw(10, random)).isZero());
  }

  @Test
  void sizesAreChecked() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new LoraFactors(2, 3, 5, new float[5], new float[10]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LoraFactors(2, 3, 5, new float[6], new float[10]).addTo(new float[14], 1));
  }

  private static float[] draw(int size, SplittableRandom random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}

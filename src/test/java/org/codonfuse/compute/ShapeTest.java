package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void countsElements() {
    assertEquals(1, Shape.of().size());
    assertEquals(24, Shape.of(2, 3, 4).size());
    assertEquals(0, Shape.of(2, 0, 4).size());
    assertEquals(1L << 40, Shape.of(1 << 20, 1 << 20).size());
  }

  @Test
  void countsAxesFromEitherEnd() {
    Shape shape = Shape.of(2, 3, 4);
    assertEquals(4, shape.dim(-1));
    assertEquals(2, shape.dim(-3));
    assertEquals(3, shape.intDim(1));
    assertEquals(2, shape.axis(-1));
    assertEquals(Shape.of(2, 3, 9), shape.with(-1, 9));
    for (int axis : new int[] {3, -4}) {
      IndexOutOfBoundsException e =
          assertThrows(IndexOutOfBoundsException.class, () -> shape.dim(axis));
      assertEquals("Axis " + axis + " of shape [2, 3, 4]", e.getMessage());
    }
  }

  @Test
  void refusesNegativeAndOverflowingSizes() {
    IllegalArgumentException negative =
        assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -1));
    assertTrue(negative.getMessage().contains("[2, -1]"), negative.getMessage());
    IllegalArgumentException huge =
        assertThrows(IllegalArgumentException.class, () -> Shape.of(Long.MAX_VALUE, 2));
    assertTrue(huge.getMessage().contains("[" + Long.MAX_VALUE + ", 2]"), huge.getMessage());
    assertThrows(ArithmeticException.class, () -> Shape.of(1L << 31).intSize());
  }

  @Test
  void neverChanges() {
    long[] sizes = {2, 3};
    Shape shape = Shape.of(sizes);
    sizes[0] = 9;
    shape.toArray()[1] = 9;
    assertArrayEquals(new long[] {2, 3}, shape.toArray());
  }

  @Test
  void equalsShapesOfTheSameSizesInTheSameOrder() {
    assertEquals(Shape.of(2, 3), Shape.of(2, 3));
    assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
    assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
    assertNotEquals(Shape.of(1), Shape.of());
    assertEquals("[2, 27, 640]", Shape.of(2, 27, 640).toString());
  }
}

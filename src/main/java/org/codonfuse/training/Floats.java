package org.codonfuse.training;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import org.codonfuse.compute.Shape;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorContent;
import org.codonfuse.weights.TensorData;

/**
 * Values that are fetched when they are written, so that not all tensors are in memory twice.
 *
 * @param values in row-major order
 */
record Floats(Shape shape, Supplier<float[]> values) implements TensorContent {
  @Override
  public StoredType type() {
    return StoredType.F32;
  }

  @Override
  public MemorySegment data() {
    return TensorData.of(shape, values.get()).data();
  }
}

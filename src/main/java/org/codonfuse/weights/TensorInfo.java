package org.codonfuse.weights;

import org.codonfuse.compute.Shape;

/**
 * What a weight file says about one tensor.
 *
 * @param name unique in its file
 * @param type element type as stored
 * @param shape rank 0 for a scalar; a size of 0 makes it empty; its bytes fit in a {@code long}
 */
public record TensorInfo(String name, StoredType type, Shape shape) {
  /** Size in bytes. */
  public long bytes() {
    return shape.size() * type.bytes();
  }
}

package org.codonfuse.weights;

import java.lang.foreign.MemorySegment;
import org.codonfuse.compute.Shape;

/** A tensor to be written, whose bytes may be made when they are needed. */
public interface TensorContent {
  /** Element type as stored. */
  StoredType type();

  /** The shape; its bytes fit in a {@code long}. */
  Shape shape();

  /**
   * Little-endian, row-major elements, asked for once and then let go. A {@link MemorySegment}, so
   * that arrays, mapped files and native tensors are written alike.
   */
  MemorySegment data();

  /** Size in bytes. */
  default long bytes() {
    return shape().size() * type().bytes();
  }
}

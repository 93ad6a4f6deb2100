package org.codonfuse.weights;

import org.codonfuse.compute.Shape;

/**
 * What a weight file says about one tensor.
 *
 * @param name unique in its file
 * @param type element type as stored
 * @param shape rank 0 for a scalar; a size of 0 makes it empty
 * @param begin offset of the first byte in the file's data section
 * @param end offset behind the last byte in the file's data section
 */
public record TensorInfo(String name, StoredType type, Shape shape, long begin, long end) {
  /** Stored size in bytes. */
  public long bytes() {
    return end - begin;
  }
}

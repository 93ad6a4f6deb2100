package org.codonfuse.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.codonfuse.compute.Shape;

/**
 * A tensor as PyTorch pickles it: a strided view of a storage, within its bounds.
 *
 * @param storage where its elements lie
 * @param first index of its first element
 * @param strides distance of neighbours along each dimension, in elements, not negative
 */
record TorchTensor(TorchStorage storage, long first, Shape shape, List<Long> strides) {
  StoredType type() {
    return storage.type();
  }

  /** Size in bytes, written out. */
  long bytes() {
    return shape.size() * type().bytes();
  }

  /** Whether its elements lie one after the other in row-major order. */
  boolean isContiguous() {
    return bytes() == 0 || contiguousFrom() == 0;
  }

  /** Its bytes in place. */
  MemorySegment slice(MemorySegment elements) {
    return elements.asSlice(first * type().bytes(), bytes());
  }

  /**
   * Copies its elements in row-major order.
   *
   * @param elements the bytes of the storage
   * @param target of the tensor's size
   */
  void copy(MemorySegment elements, MemorySegment target) {
    if (bytes() > 0) {
      copy(elements, first, target, 0, 0, contiguousFrom());
    }
  }

  /** The first of the innermost dimensions that are contiguous as a whole. */
  private int contiguousFrom() {
    long expected = 1;
    int axis = shape.rank();
    while (axis > 0 && (shape.dim(axis - 1) == 1 || strides.get(axis - 1) == expected)) {
      axis--;
      expected *= shape.dim(axis);
    }
    return axis;
  }

  /** Copies a run, or each row of an axis; returns where the target goes on. */
  private long copy(
      MemorySegment from, long element, MemorySegment to, long at, int axis, int contiguousFrom) {
    int width = type().bytes();
    if (axis == contiguousFrom) {
      long run = width;
      for (int inner = axis; inner < shape.rank(); inner++) {
        run *= shape.dim(inner);
      }
      MemorySegment.copy(from, element * width, to, at, run);
      return at + run;
    }
    long next = at;
    long stride = strides.get(axis);
    if (axis == shape.rank() - 1) {
      for (long i = 0; i < shape.dim(axis); i++, next += width) {
        copyElement(from, (element + i * stride) * width, to, next, width);
      }
      return next;
    }
    for (long i = 0; i < shape.dim(axis); i++) {
      next = copy(from, element + i * stride, to, next, axis + 1, contiguousFrom);
    }
    return next;
  }

  private static void copyElement(
      MemorySegment from, long source, MemorySegment to, long target, int width) {
    switch (width) {
      case 2 ->
          to.set(
              ValueLayout.JAVA_SHORT_UNALIGNED,
              target,
              from.get(ValueLayout.JAVA_SHORT_UNALIGNED, source));
      case 4 ->
          to.set(
              ValueLayout.JAVA_INT_UNALIGNED,
              target,
              from.get(ValueLayout.JAVA_INT_UNALIGNED, source));
      default -> MemorySegment.copy(from, source, to, target, width);
    }
  }
}

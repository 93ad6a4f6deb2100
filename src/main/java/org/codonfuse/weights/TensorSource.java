package org.codonfuse.weights;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.codonfuse.CodonfuseException;

/**
 * Named tensors in a file, or in the files of one checkpoint, whatever their format. An open source
 * may be read by any number of threads at once; whoever opened it closes it, after its last reader.
 */
public interface TensorSource extends AutoCloseable {
  /** The file that error messages name; of a checkpoint in several, the one that lists them. */
  Path path();

  /** Names of all tensors, in the order of the file. */
  Set<String> names();

  /** What the writer of the file noted about it; empty if nothing. */
  Map<String, String> metadata();

  /**
   * Type and shape of one tensor.
   *
   * @throws CodonfuseException if there is no tensor of that name
   */
  TensorInfo info(String name);

  /**
   * The stored bytes of one tensor, little-endian, read-only and possibly unaligned: read them with
   * {@code _UNALIGNED} layouts. A {@link MemorySegment}, because tensors are made from it without a
   * copy on the Java heap; it is accessible until {@link #close}.
   *
   * @throws CodonfuseException if there is no tensor of that name
   * @throws IllegalStateException after {@link #close}
   */
  MemorySegment segment(String name);

  /**
   * The elements of a floating point tensor in row-major order. F16 and BF16 convert exactly, F64
   * rounds to the nearest float.
   *
   * @throws CodonfuseException if there is no such tensor, or it is not F64, F32, F16 or BF16
   * @throws IllegalStateException after {@link #close}
   */
  default float[] floats(String name) {
    return Elements.floats(path(), info(name), segment(name));
  }

  /**
   * The elements of an integer or boolean (0, 1) tensor in row-major order.
   *
   * @throws CodonfuseException if there is no such tensor, it is not of an integer type or BOOL, or
   *     a U64 element exceeds 2^63 - 1
   * @throws IllegalStateException after {@link #close}
   */
  default long[] longs(String name) {
    return Elements.longs(path(), info(name), segment(name));
  }

  /** Releases the file; does nothing the second time. */
  @Override
  void close();
}

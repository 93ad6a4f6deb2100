package org.codonfuse.bench;

import java.util.List;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;

/**
 * A computation that models consist of, to be measured on every backend. Immutable.
 *
 * @param name what {@code --kernel} calls it; kernels that differ in shape or type share it
 * @param dtype element type of its input
 * @param bound what it cannot be faster than
 * @param full as large as models have it, or larger than the caches
 * @param small for backends that would take longer over the full size than anybody waits
 */
public record Kernel(String name, DType dtype, Bound bound, Size full, Size small) {
  /** What limits a kernel. */
  public enum Bound {
    /** Reading and writing memory; work is counted in bytes. */
    MEMORY,
    /** Arithmetic; work is counted in floating point operations. */
    COMPUTE
  }

  /**
   * A kernel at one size.
   *
   * @param input shape of what a call gets
   * @param blocks how many of them there are, one after the other in memory; calls get them in turn
   * @param shape the input and what it becomes, for people
   * @param work of a call: bytes that have to be read and written once, or floating point
   *     operations
   * @param preparation makes what is needed beside the input
   */
  public record Size(Shape input, int blocks, String shape, double work, Preparation preparation) {
    /** All blocks behind one another. */
    Shape whole() {
      return input.with(0, input.dim(0) * blocks);
    }
  }

  /** Makes a kernel ready to be called. */
  @FunctionalInterface
  public interface Preparation {
    /**
     * Makes weights, masks and the like; called in an inference scope.
     *
     * @param owner to adopt what the calls need
     * @return the ways to compute the kernel: first the operation that models call, then what users
     *     of LibTorch would write instead
     */
    List<Way> prepare(Backend backend, Scope owner);
  }

  /**
   * A way to compute a kernel.
   *
   * @param name the operations, such as {@code reshape + mean}
   */
  public record Way(String name, Call call) {}

  /** One computation, called in an inference scope. */
  @FunctionalInterface
  public interface Call {
    /**
     * Computes the result.
     *
     * @param block values in [−1, 1)
     * @param round how often this block came before, for kernels that must not find in the caches
     *     what they read then
     */
    Tensor compute(Tensor block, int round);
  }

  /** A kernel made of products in float32. */
  static Kernel products(String name, Size full, Size small) {
    return new Kernel(name, DType.FLOAT32, Bound.COMPUTE, full, small);
  }

  /** A kernel over rows. */
  static Kernel rows(String name, DType dtype, Rows rows, Blocks size) {
    return new Kernel(
        name, dtype, Bound.MEMORY, size.of(rows.block(), rows.blocks()), size.of(rows.small(), 1));
  }

  /**
   * How many rows kernels read.
   *
   * @param block bytes that a call reads
   * @param blocks number of them
   * @param small bytes that a call reads on a slow backend, always the same
   */
  record Rows(long block, int blocks, long small) {}

  /** The size for blocks of so many bytes, rounded to whole rows. */
  @FunctionalInterface
  interface Blocks {
    Size of(long bytes, int blocks);
  }
}

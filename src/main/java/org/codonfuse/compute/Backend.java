package org.codonfuse.compute;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The vocabulary of operations that encoders, alignment, fusion and heads are written in, once, for
 * every way to compute them.
 *
 * <p>Floating point inputs of one operation have one element type, which the result has as well,
 * where nothing else is said. Shapes are checked before anything runs; a wrong one is an {@link
 * IllegalArgumentException} that shows it. Results belong to the calling thread's current {@link
 * Scope}, whose {@link Mode} says whether they can be differentiated; a backend that cannot
 * differentiate opens only {@link Mode#INFERENCE} scopes. Operations may be called from any thread,
 * each with its own scope. NaN and infinities propagate as IEEE 754 has it. Axes may be negative,
 * counting from the last.
 */
public interface Backend extends AutoCloseable {
  /** What {@code --backend} calls it, such as {@code torch}. */
  String name();

  /** Where tensors live. */
  Device device();

  /**
   * What the last digits of results depend on: the library, its version and the processor, such as
   * {@code LibTorch 2.13.0, cpu (AVX2)}.
   */
  String engine();

  /**
   * What tells the device from all others, those of other machines too; empty for CPUs, which
   * processes share.
   */
  default Optional<String> deviceId() {
    return Optional.empty();
  }

  /**
   * What runs underneath, for logs and results, such as {@code LibTorch 2.13.0, cpu, 2 threads}.
   */
  String description();

  /**
   * Values of one result up to which the next operation finds them in the caches: encoders read
   * longer batches in pieces whose widest activations are about as large.
   */
  default long valuesAtOnce() {
    return Long.MAX_VALUE;
  }

  /** Bytes of the device's memory that may still be taken. */
  default long freeMemory() {
    return HostMemory.available();
  }

  /**
   * Memory of the device that this process holds for tensors; empty where tensors lie in the
   * process's own memory, of which the system tells.
   */
  default Optional<MemoryUse> memoryUse() {
    return Optional.empty();
  }

  /** Looks for {@link MemoryUse#peak} anew from here on. */
  default void forgetPeakMemory() {}

  /**
   * Opens a scope and makes it the calling thread's current one; close it on the same thread.
   *
   * @throws UnsupportedOperationException for a differentiable mode on an inference backend
   */
  default Scope openScope(Mode mode) {
    return openScope(mode, Precision.FLOAT32);
  }

  /**
   * The same with matrix products, convolutions and attention of float32 tensors in this precision:
   * {@link Precision#BFLOAT16} rounds their operands, forward and backward, and sums in float32.
   * Results are float32, and everything else is computed in it.
   *
   * @throws UnsupportedOperationException for a differentiable mode on an inference backend, or
   *     products that the backend does not have
   */
  Scope openScope(Mode mode, Precision products);

  /** A scope that owns what is moved into it and is never current. */
  Scope newOwner();

  /** A float32 tensor with a copy of the values, which are in row-major order. */
  Tensor tensor(float[] values, Shape shape);

  /** An int64 tensor with a copy of the values. */
  Tensor tensor(long[] values, Shape shape);

  /** Memory for values that are to be a tensor's; any thread may call this. */
  default HostTensor hostTensor(Shape shape) {
    return HostTensor.onHeap(shape);
  }

  /**
   * A float32 tensor of values that were written before and do not change any more. Where the
   * device is not the CPU this only begins to copy them.
   *
   * @param values from {@link #hostTensor} of this backend, or on the heap
   */
  default Tensor tensor(HostTensor values) {
    float[] all = values instanceof HeapTensor heap ? heap.values() : values.toFloats();
    return tensor(all, values.shape());
  }

  /**
   * Begins to read the values of a floating point tensor. Where the device is not the CPU this does
   * not wait for it: what the caller asks it to compute next is computed meanwhile.
   *
   * @param x which must not change until the values are read
   * @param dtype what the device converts them to, rounded to nearest even: float32, bfloat16 or
   *     float16
   */
  default HostRead read(Tensor x, DType dtype) {
    ShapeRules.read(x, dtype);
    return new ArrayRead(x.toFloats(), dtype);
  }

  /** The same with float32. */
  default HostRead read(Tensor x) {
    return read(x, DType.FLOAT32);
  }

  /**
   * A tensor over memory in native byte order. A {@link MemorySegment}, because mapped weight and
   * embedding files are read in place: the tensor may refer to the segment without copying, so the
   * segment's arena must stay open until the tensor is released. Unaligned segments are copied.
   */
  Tensor tensor(MemorySegment values, DType dtype, Shape shape);

  /** A float32 tensor whose every value is the same. */
  Tensor full(double value, Shape shape);

  /**
   * The mask of a batch padded at the end.
   *
   * @param lengths number of valid positions of each member, at most {@code longest}
   * @param longest number of positions
   * @return valid [lengths.length, longest]
   */
  default Mask mask(int[] lengths, int longest) {
    byte[] valid = new byte[Math.multiplyExact(lengths.length, longest)];
    boolean full = true;
    for (int b = 0; b < lengths.length; b++) {
      if (lengths[b] < 0 || lengths[b] > longest) {
        throw new IllegalArgumentException("Length " + lengths[b] + " in a mask of " + longest);
      }
      Arrays.fill(valid, b * longest, b * longest + lengths[b], (byte) 1);
      full &= lengths[b] == longest;
    }
    Shape shape = Shape.of(lengths.length, longest);
    return new Mask(tensor(MemorySegment.ofArray(valid), DType.BOOL, shape), full);
  }

  /** The tensor in another element type, rounded to nearest even; the same tensor if it has it. */
  Tensor cast(Tensor x, DType dtype);

  /**
   * The same values in the same order under another shape of equal size. As with {@link #transpose}
   * and {@link #narrow}, the result may share the memory of x and then follows the updates of a
   * parameter.
   */
  Tensor reshape(Tensor x, Shape shape);

  /** Two axes exchanged. */
  Tensor transpose(Tensor x, int axis, int other);

  /** {@code length} entries of one axis from {@code start}. */
  Tensor narrow(Tensor x, int axis, long start, long length);

  /** Tensors one after the other along an axis; the other sizes are equal. */
  Tensor concat(List<Tensor> tensors, int axis);

  /**
   * An element-wise function. {@link Unary#GELU} of +∞ is +∞ or NaN: LibTorch leaves it to oneDNN,
   * which returns NaN.
   */
  Tensor unary(Unary function, Tensor x);

  /** An element-wise function of two tensors whose sizes broadcast. */
  Tensor binary(Binary function, Tensor a, Tensor b);

  /** x · scale + shift. */
  Tensor affine(Tensor x, double scale, double shift);

  /** Every value limited to [low, high]; NaN stays. The gradient is zero outside. */
  Tensor clamp(Tensor x, double low, double high);

  /** Sum over one axis, which goes. */
  Tensor sum(Tensor x, int axis);

  /** Mean over one axis, which goes; NaN over an empty one. */
  Tensor mean(Tensor x, int axis);

  /** Softmax over the last axis. */
  Tensor softmax(Tensor x);

  /**
   * Matrix product over the last two axes.
   *
   * @param a [..., n, k]
   * @param b [..., k, m], with the same leading sizes
   * @return [..., n, m]
   */
  Tensor matmul(Tensor a, Tensor b);

  /**
   * x · weightᵀ.
   *
   * @param x [..., in]
   * @param weight [out, in]
   * @return [..., out]
   */
  default Tensor linear(Tensor x, Tensor weight) {
    return linear(x, weight, Optional.empty(), Epilogue.NONE);
  }

  /** x · weightᵀ + bias, with bias [out]; see {@link #linear(Tensor, Tensor)}. */
  default Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    return linear(x, weight, Optional.of(bias), Epilogue.NONE);
  }

  /**
   * x · weightᵀ + bias, and what follows it.
   *
   * @param x [..., in]
   * @param weight [out, in]; in {@link Mode#INFERENCE} it may be one from {@link #pack}
   * @param bias [out]
   * @return [..., out]
   */
  Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias, Epilogue epilogue);

  /**
   * Linear layers of one input, see {@link #linear(Tensor, Tensor, Tensor)}: as one product where
   * that is faster.
   *
   * @param x [..., in]
   * @param weights [out, in] each; at least one
   * @param biases [out] each
   * @return [..., out] of each
   */
  default List<Tensor> linears(Tensor x, List<Tensor> weights, List<Tensor> biases) {
    ShapeRules.linears(x, weights, biases);
    return IntStream.range(0, weights.size())
        .mapToObj(i -> linear(x, weights.get(i), biases.get(i)))
        .toList();
  }

  /**
   * The weight of a linear layer in the layout in which this backend multiplies fastest; the weight
   * itself where it has no other. Good for nothing but {@link #linear} in {@link Mode#INFERENCE}.
   *
   * @param weight [out, in]
   */
  Tensor pack(Tensor weight);

  /**
   * Layer normalisation over the last axis.
   *
   * @param x [..., width]
   * @param weight [width], of the type of x or float32
   * @param bias [width], of the type of the weight
   */
  Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon);

  /**
   * Rows of a table.
   *
   * @param table [rows, width]
   * @param ids int64 of any shape, each in [0, rows)
   * @return [ids' shape, width]
   * @throws IndexOutOfBoundsException for an id outside the table
   */
  Tensor embedding(Tensor table, Tensor ids);

  /**
   * Multi-head scaled dot-product attention: softmax(scale · q kᵀ) v per head. Queries of a member
   * without any valid key get NaN or zeros: they are padding.
   *
   * @param q [batch, queries, heads · headWidth]
   * @param k [batch, keys, heads · headWidth]
   * @param v [batch, keys, heads · headWidth]
   * @param keys the valid keys, [batch, keys]
   * @param dropout probability to drop an attention weight in {@link Mode#TRAINING}
   * @return [batch, queries, heads · headWidth]
   */
  Tensor attention(
      Tensor q, Tensor k, Tensor v, Mask keys, int heads, double scale, double dropout);

  /**
   * Multi-head self-attention within sequences that lie one after the other: softmax(scale · q kᵀ)
   * v per sequence and head, queries and keys first rotated by their position in the sequence.
   * Rotation, scores and softmax are computed in float32 or wider.
   *
   * @param qkv [rows, 3 · heads · headWidth]: queries, keys and values side by side
   * @param packing where the sequences are; its rows are those of qkv
   * @param rotation for at least the longest sequence's positions, if there is any
   * @return [rows, heads · headWidth]
   */
  Tensor selfAttention(
      Tensor qkv, Packing packing, int heads, double scale, Optional<Rotation> rotation);

  /**
   * Convolution along positions, stride 1.
   *
   * @param x [batch, position, in]
   * @param weight [out, in, kernel]
   * @param bias [out]
   * @return [batch, position + left + right − kernel + 1, out]
   */
  Tensor conv1d(Tensor x, Tensor weight, Tensor bias, int left, int right);

  /**
   * The maximum of {@link #conv1d} over the valid positions of its result; NaN wins. Where several
   * are the largest the gradient may go to any of them.
   *
   * @param x [batch, position, in]
   * @param weight [out, in, kernel]
   * @param bias [out]
   * @param mask [batch, position + left + right − kernel + 1]
   * @return [batch, out]; negative infinity for a member without a valid position
   */
  default Tensor convMax(Tensor x, Tensor weight, Tensor bias, int left, int right, Mask mask) {
    try (Scope scope = openScope(Mode.INFERENCE)) {
      return scope.keep(maskedMax(conv1d(x, weight, bias, left, right), mask));
    }
  }

  /**
   * Transposed convolution along positions without bias.
   *
   * @param x [batch, position, in]
   * @param weight [in, out, kernel]
   * @param padding positions cut from either end of the full result
   * @return [batch, (position − 1) · stride + kernel − 2 · padding, out]
   */
  Tensor convTranspose1d(Tensor x, Tensor weight, int stride, int padding);

  /** x [batch, position, ...] with the positions that are not valid set to a value. */
  Tensor maskedFill(Tensor x, Mask mask, double value);

  /**
   * Mean over the valid positions.
   *
   * @param x [batch, position, width]
   * @return [batch, width]; zeros for a member without a valid position
   */
  Tensor maskedMean(Tensor x, Mask mask);

  /**
   * Maximum over the valid positions; NaN wins.
   *
   * @param x [batch, position, width]
   * @return [batch, width]; negative infinity for a member without a valid position
   */
  Tensor maskedMax(Tensor x, Mask mask);

  /**
   * Weighted sums over rows.
   *
   * @param x [rows, width]
   * @return [segments, width]
   * @throws IndexOutOfBoundsException for a segment that names a row outside x
   */
  Tensor segmentSum(Tensor x, Segments segments);

  /**
   * In {@link Mode#TRAINING}: every value zero with this probability, else divided by (1 −
   * probability). In the other modes: x itself.
   */
  Tensor dropout(Tensor x, double probability);

  /** Releases what the backend holds; tensors must not be used afterwards. */
  @Override
  void close();
}

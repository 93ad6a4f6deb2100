package org.codonfuse.compute.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.compute.Around;
import org.codonfuse.compute.ArrayTransposition;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Scopes;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.ShapeRules;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.codonfuse.compute.vector.VectorTensor.Floats;
import org.codonfuse.compute.vector.VectorTensor.Layout;

/**
 * Inference in Java with the Vector API. Everything is computed in float32; bfloat16 and float16
 * are rounded to after each operation, as the scalar backend does, and weights packed in bfloat16
 * take 16 bits. Tensors over memory outside of the heap are read in place by {@link #embedding},
 * {@link #segmentSum}, {@link #maskedMean}, {@link #maskedMax}, {@link #pack} and what moves
 * values; casting them to float32 costs nothing. What is small, or in a confined arena, is copied.
 *
 * <p>The methods here check and wrap; the kernels are in {@link Products}, {@link Attention},
 * {@link Reductions}, {@link Norms}, {@link Functions} and {@link Elements}.
 */
final class VectorBackend implements Backend {
  static final String NAME = "vector";

  /** Memory of fewer bytes is copied: a view would cost more. */
  private static final int SMALL = 1 << 16;

  /** Not the caller: it cannot read memory that belongs to one thread. */
  private static final Thread ANY_OTHER = Thread.ofVirtual().unstarted(() -> {});

  private final Scopes scopes = new Scopes();
  private final Buffers buffers = new Buffers();
  private final Workers workers;
  private final Products products;
  private final Reductions reductions;
  private final ThreadLocal<Attention> attention = ThreadLocal.withInitial(Attention::new);
  private volatile float[] zeros = new float[1024];

  VectorBackend(int threads) {
    this.workers = new Workers(threads);
    this.products = new Products(workers);
    this.reductions = new Reductions(workers);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Device device() {
    return Device.CPU;
  }

  /** What runs, such as {@code Vector API 512 bits, cpu}. */
  static String describeEngine() {
    return "Vector API " + VectorWidth.bits() + " bits, cpu";
  }

  @Override
  public String engine() {
    return describeEngine();
  }

  @Override
  public String description() {
    int threads = workers.count();
    return engine() + ", " + threads + (threads == 1 ? " thread" : " threads");
  }

  /** 10 MiB, a share of the third-level cache of a server; see docs/speed.md. */
  @Override
  public long valuesAtOnce() {
    return 10L << 18;
  }

  @Override
  public Scope openScope(Mode mode, Precision products) {
    if (mode.differentiable()) {
      throw new UnsupportedOperationException(
          "The vector backend cannot compute gradients (scope " + mode + "); use --backend torch");
    }
    if (products != Precision.FLOAT32) {
      throw new UnsupportedOperationException(
          "The vector backend has no products of "
              + products.label()
              + " with float32 tensors; use --backend torch");
    }
    return scopes.open(mode);
  }

  @Override
  public Scope newOwner() {
    return scopes.newOwner();
  }

  @Override
  public Tensor tensor(float[] values, Shape shape) {
    ShapeRules.filled(values.length, shape);
    float[] copy = buffers.take(values.length);
    System.arraycopy(values, 0, copy, 0, values.length);
    return pooled(shape, DType.FLOAT32, copy);
  }

  @Override
  public Tensor tensor(long[] values, Shape shape) {
    ShapeRules.filled(values.length, shape);
    return own(shape, DType.INT64, values.clone());
  }

  @Override
  public Tensor tensor(MemorySegment values, DType dtype, Shape shape) {
    if (values.byteSize() != shape.size() * dtype.bytes()) {
      throw new IllegalArgumentException(
          "tensor: " + values.byteSize() + " bytes do not fill " + dtype + shape);
    }
    return switch (dtype) {
      case FLOAT32, BFLOAT16, FLOAT16 -> {
        boolean shared = values.isNative() && values.isAccessibleBy(ANY_OTHER);
        if (shared && values.byteSize() > SMALL) {
          Storage mapped = new Storage.Mapped(values, dtype);
          yield scopes.own(new VectorTensor(shape, dtype, mapped, 0, buffers));
        }
        float[] floats = buffers.take(shape.intSize());
        Rows.read(values, dtype, 0, floats, 0, shape.intSize());
        yield pooled(shape, dtype, floats);
      }
      case FLOAT64 -> own(shape, dtype, values.toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED));
      case INT64 -> own(shape, dtype, values.toArray(ValueLayout.JAVA_LONG_UNALIGNED));
      case BOOL -> {
        byte[] bytes = values.toArray(ValueLayout.JAVA_BYTE);
        boolean[] booleans = new boolean[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
          booleans[i] = bytes[i] != 0;
        }
        yield own(shape, dtype, booleans);
      }
    };
  }

  @Override
  public Tensor full(double value, Shape shape) {
    float[] values = buffers.take(shape.intSize());
    Arrays.fill(values, 0, shape.intSize(), (float) value);
    return pooled(shape, DType.FLOAT32, values);
  }

  @Override
  public Tensor cast(Tensor x, DType dtype) {
    VectorTensor from = VectorTensor.of(x);
    if (x.dtype() == dtype) {
      from.storage();
      return x;
    }
    if (dtype == DType.FLOAT32 && (x.dtype() == DType.BFLOAT16 || x.dtype() == DType.FLOAT16)) {
      return scopes.own(from.view(x.shape(), dtype));
    }
    int n = x.shape().intSize();
    return switch (dtype) {
      case FLOAT32, BFLOAT16, FLOAT16 -> {
        float[] values = buffers.take(n);
        if (isFloats(x.dtype())) {
          from.copy(0, values, 0, n);
        } else {
          System.arraycopy(from.toFloats(), 0, values, 0, n);
        }
        yield rounded(x.shape(), dtype, values);
      }
      case FLOAT64, INT64, BOOL -> own(x.shape(), dtype, Conversions.convert(from, dtype));
    };
  }

  private static boolean isFloats(DType dtype) {
    return dtype == DType.FLOAT32 || dtype == DType.BFLOAT16 || dtype == DType.FLOAT16;
  }

  @Override
  public Tensor reshape(Tensor x, Shape shape) {
    Shape result = ShapeRules.reshape(x.shape(), shape);
    return scopes.own(VectorTensor.of(x).view(result, x.dtype()));
  }

  @Override
  public Tensor transpose(Tensor x, int axis, int other) {
    Shape result = ShapeRules.transpose(x.shape(), axis, other);
    VectorTensor from = VectorTensor.of(x);
    if (isFloats(x.dtype())) {
      Floats floats = from.floats();
      float[] to = buffers.take(result.intSize());
      ArrayTransposition.transpose(floats.array(), floats.offset(), x.shape(), axis, other, to);
      return pooled(result, x.dtype(), to);
    }
    Object array = ((Storage.Values) from.storage()).array;
    Object to = Conversions.like(array, result.intSize());
    ArrayTransposition.transpose(array, from.offset(), x.shape(), axis, other, to);
    return own(result, x.dtype(), to);
  }

  @Override
  public Tensor narrow(Tensor x, int axis, long start, long length) {
    Shape result = ShapeRules.narrow(x.shape(), axis, start, length);
    VectorTensor from = VectorTensor.of(x);
    Around around = Around.axis(x.shape(), axis);
    if (around.outer() == 1) {
      return scopes.own(from.view(result, x.dtype(), start * around.inner()));
    }
    int block = Math.toIntExact(length * around.inner());
    Object to = array(from, result.intSize());
    for (int o = 0; o < around.outer(); o++) {
      from.copy((o * (long) around.size() + start) * around.inner(), to, o * block, block);
    }
    return made(result, x.dtype(), to);
  }

  @Override
  public Tensor concat(List<Tensor> tensors, int axis) {
    Shape result = ShapeRules.concat(tensors, axis);
    Object to = array(VectorTensor.of(tensors.getFirst()), result.intSize());
    int outer = Around.axis(result, axis).outer();
    int total = outer == 0 ? 0 : result.intSize() / outer;
    int at = 0;
    for (Tensor each : tensors) {
      VectorTensor from = VectorTensor.of(each);
      int block = outer == 0 ? 0 : each.shape().intSize() / outer;
      int begin = at;
      reductions.each(
          outer,
          block,
          (first, end) -> {
            for (int o = first; o < end; o++) {
              from.copy((long) o * block, to, o * total + begin, block);
            }
          });
      at += block;
    }
    return made(result, tensors.getFirst().dtype(), to);
  }

  @Override
  public Tensor unary(Unary function, Tensor x) {
    ShapeRules.floating(function.name(), x);
    Floats from = VectorTensor.of(x).floats();
    float[] to = buffers.take(x.shape().intSize());
    elements(
        x.shape().intSize(),
        (begin, end) ->
            Functions.apply(function, from.array(), from.offset() + begin, to, begin, end - begin));
    return rounded(x.shape(), x.dtype(), to);
  }

  @Override
  public Tensor binary(Binary function, Tensor a, Tensor b) {
    ShapeRules.sameFloating(function.name(), a, b);
    Shape result = ShapeRules.broadcast(a.shape(), b.shape());
    Floats left = VectorTensor.of(a).floats();
    Floats right = VectorTensor.of(b).floats();
    float[] to = buffers.take(result.intSize());
    if (a.shape().equals(b.shape())) {
      elements(
          result.intSize(),
          (begin, end) ->
              Elements.combine(
                  function,
                  left.array(),
                  left.offset() + begin,
                  right.array(),
                  right.offset() + begin,
                  to,
                  begin,
                  end - begin));
    } else {
      new Broadcast(a.shape(), b.shape(), result).apply(reductions, function, left, right, to);
    }
    return rounded(result, a.dtype(), to);
  }

  @Override
  public Tensor affine(Tensor x, double scale, double shift) {
    ShapeRules.floating("affine", x);
    Floats from = VectorTensor.of(x).floats();
    float[] to = buffers.take(x.shape().intSize());
    elements(
        x.shape().intSize(),
        (begin, end) ->
            Elements.affine(
                from.array(),
                from.offset() + begin,
                (float) scale,
                (float) shift,
                to,
                begin,
                end - begin));
    return rounded(x.shape(), x.dtype(), to);
  }

  @Override
  public Tensor clamp(Tensor x, double low, double high) {
    ShapeRules.floating("clamp", x);
    Floats from = VectorTensor.of(x).floats();
    float[] to = buffers.take(x.shape().intSize());
    elements(
        x.shape().intSize(),
        (begin, end) ->
            Elements.clamp(
                from.array(),
                from.offset() + begin,
                (float) low,
                (float) high,
                to,
                begin,
                end - begin));
    return rounded(x.shape(), x.dtype(), to);
  }

  @Override
  public Tensor sum(Tensor x, int axis) {
    ShapeRules.floating("sum", x);
    return sum(x, axis, 1);
  }

  @Override
  public Tensor mean(Tensor x, int axis) {
    ShapeRules.floating("mean", x);
    return sum(x, axis, x.shape().intDim(axis));
  }

  private Tensor sum(Tensor x, int axis, float divisor) {
    Shape result = ShapeRules.without(x.shape(), axis);
    float[] to = buffers.take(result.intSize());
    reductions.sum(VectorTensor.of(x), Around.axis(x.shape(), axis), divisor, to);
    return rounded(result, x.dtype(), to);
  }

  @Override
  public Tensor softmax(Tensor x) {
    ShapeRules.floating("softmax", x);
    Shape result = ShapeRules.softmax(x.shape());
    Floats from = VectorTensor.of(x).floats();
    int width = result.intDim(-1);
    float[] to = buffers.take(result.intSize());
    reductions.each(
        Around.rows(result),
        width,
        (begin, end) -> {
          for (int r = begin; r < end; r++) {
            Norms.softmax(from.array(), from.offset() + r * width, to, r * width, width);
          }
        });
    return rounded(result, x.dtype(), to);
  }

  @Override
  public Tensor matmul(Tensor a, Tensor b) {
    ShapeRules.sameFloating("matmul", a, b);
    Shape result = ShapeRules.matmul(a.shape(), b.shape());
    int m = a.shape().intDim(-2);
    int k = a.shape().intDim(-1);
    int n = b.shape().intDim(-1);
    Floats left = VectorTensor.of(a).floats();
    Floats right = VectorTensor.of(b).floats();
    float[] to = buffers.take(result.intSize());
    float[] panels = buffers.take(PackedMatrix.size(k, n));
    PackedMatrix packed = PackedMatrix.in(panels, k, n);
    float[] bias = zeros(n);
    for (int t = 0; t < Around.product(result, 0, result.rank() - 2); t++) {
      packed.fillByRows(workers, right.array(), right.offset() + t * k * n);
      Products.Left rows = Products.Left.of(left.array(), left.offset() + t * m * k, m, k);
      products.multiply(m, rows, packed, bias, to, t * m * n, Finish.rounded(DType.FLOAT32));
    }
    buffers.give(panels);
    return rounded(result, a.dtype(), to);
  }

  @Override
  public Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias, Epilogue epilogue) {
    Shape result = ShapeRules.linear(x, weight, bias, epilogue);
    VectorTensor w = VectorTensor.of(weight);
    PackedMatrix packed = w.panels() != null ? w.panels() : laid(w);
    Floats from = VectorTensor.of(x).floats();
    int m = Around.rows(result);
    Finish finish = Finish.of(x.dtype(), epilogue);
    float[] to = buffers.take(result.intSize());
    Products.Left rows = Products.Left.of(from.array(), from.offset(), m, packed.k);
    products.multiply(m, rows, packed, padded(bias, packed.n), to, 0, finish);
    return pooled(result, x.dtype(), to);
  }

  private PackedMatrix laid(VectorTensor weight) {
    return weight.laid(Layout.LINEAR, () -> pack(weight, false));
  }

  private PackedMatrix pack(VectorTensor weight, boolean bfloat16) {
    int k = weight.dim(1);
    return PackedMatrix.ofColumns(
        workers,
        buffers,
        k,
        weight.dim(0),
        bfloat16,
        (index, to) -> weight.copy((long) index * k, to, 0, k));
  }

  /** A bias of whole panels; zeros if there is none. */
  private float[] padded(Optional<Tensor> bias, int n) {
    if (bias.isEmpty()) {
      return zeros(n);
    }
    Floats floats = VectorTensor.of(bias.get()).floats();
    int size = PackedMatrix.panels(n) * Tiles.COLUMNS;
    if (floats.offset() == 0 && floats.array().length >= size) {
      return floats.array(); // What lies behind ends up in columns that nobody sees.
    }
    float[] padded = new float[size];
    System.arraycopy(floats.array(), floats.offset(), padded, 0, n);
    return padded;
  }

  private float[] zeros(int n) {
    int size = PackedMatrix.panels(n) * Tiles.COLUMNS;
    float[] known = zeros;
    if (known.length < size) {
      known = new float[size];
      zeros = known;
    }
    return known;
  }

  @Override
  public Tensor pack(Tensor weight) {
    Shape shape = ShapeRules.pack("pack", weight);
    WarmUp.start(); // Whoever packs is going to multiply.
    PackedMatrix packed = pack(VectorTensor.of(weight), weight.dtype() == DType.BFLOAT16);
    return scopes.own(
        new VectorTensor(shape, weight.dtype(), new Storage.Panels(packed), 0, buffers));
  }

  @Override
  public Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon) {
    Shape result = ShapeRules.layerNorm(x, weight, bias);
    Floats from = VectorTensor.of(x).floats();
    Floats w = VectorTensor.of(weight).floats();
    Floats b = VectorTensor.of(bias).floats();
    int width = result.intDim(-1);
    float[] to = buffers.take(result.intSize());
    reductions.each(
        Around.rows(result),
        width,
        (begin, end) -> {
          for (int r = begin; r < end; r++) {
            Norms.layerNorm(
                from.array(),
                from.offset() + r * width,
                w.array(),
                w.offset(),
                b.array(),
                b.offset(),
                epsilon,
                to,
                r * width,
                width);
          }
        });
    return rounded(result, x.dtype(), to);
  }

  @Override
  public Tensor embedding(Tensor table, Tensor ids) {
    ShapeRules.floating("embedding", table);
    ShapeRules.dtype("embedding", ids, DType.INT64);
    Shape result = ShapeRules.embedding(table.shape(), ids.shape());
    VectorTensor from = VectorTensor.of(table);
    int width = from.dim(1);
    long[] wanted = ids.toLongs();
    for (long id : wanted) {
      if (id < 0 || id >= from.dim(0)) {
        throw new IndexOutOfBoundsException("embedding: id " + id + " of table " + table);
      }
    }
    float[] to = buffers.take(result.intSize());
    reductions.each(
        wanted.length,
        width,
        (begin, end) -> {
          for (int i = begin; i < end; i++) {
            from.copy(wanted[i] * width, to, i * width, width);
          }
        });
    return pooled(result, table.dtype(), to);
  }

  @Override
  public Tensor selfAttention(
      Tensor qkv, Packing packing, int heads, double scale, Optional<Rotation> rotation) {
    Shape result = ShapeRules.selfAttention(qkv, packing, heads, rotation);
    Floats from = VectorTensor.of(qkv).floats();
    int width = result.intDim(1);
    int headWidth = width / heads;
    Attention.Angles angles = rotation.map(VectorBackend::angles).orElse(Attention.Angles.NONE);
    float[] to = buffers.take(result.intSize());
    // All heads of a sequence one after the other, or as few as keep all threads busy.
    int splits = Math.clamp(8L * workers.count() / Math.max(1, packing.sequences()), 1, heads);
    int headsAtOnce = (heads + splits - 1) / splits;
    int groups = (heads + headsAtOnce - 1) / headsAtOnce;
    workers.run(
        packing.sequences() * groups,
        task -> {
          int first = packing.start(task / groups);
          int length = packing.length(task / groups);
          int head = task % groups * headsAtOnce;
          Attention scratch = attention.get();
          if (groups == 1) {
            int at = from.offset() + first * 3 * width;
            scratch.bringNear(from.array(), at, at + length * 3 * width);
            scratch.bringNear(to, first * width, (first + length) * width);
          }
          for (int h = head; h < Math.min(heads, head + headsAtOnce); h++) {
            int column = h * headWidth;
            int at = from.offset() + first * 3 * width + column;
            scratch.attend(
                from.array(),
                at,
                length,
                from.array(),
                at + width,
                from.array(),
                at + 2 * width,
                3 * width,
                null,
                length,
                angles,
                (float) scale,
                headWidth,
                to,
                first * width + column,
                width);
          }
        });
    return rounded(result, qkv.dtype(), to);
  }

  private static Attention.Angles angles(Rotation rotation) {
    Floats cos = VectorTensor.of(rotation.cos()).floats();
    Floats sin = VectorTensor.of(rotation.sin()).floats();
    return new Attention.Angles(cos.array(), cos.offset(), sin.array(), sin.offset());
  }

  @Override
  public Tensor attention(
      Tensor q, Tensor k, Tensor v, Mask keys, int heads, double scale, double dropout) {
    ShapeRules.sameFloating("attention", q, k, v);
    Shape result = ShapeRules.attention(q.shape(), k.shape(), v.shape(), keys, heads);
    Floats query = VectorTensor.of(q).floats();
    Floats key = VectorTensor.of(k).floats();
    Floats value = VectorTensor.of(v).floats();
    int queries = result.intDim(1);
    int width = result.intDim(2);
    int headWidth = width / heads;
    int keyRows = k.shape().intDim(1);
    int[][] valid = validRows(keys, keyRows);
    float[] to = buffers.take(result.intSize());
    workers.run(
        result.intDim(0) * heads,
        task -> {
          int b = task / heads;
          int column = task % heads * headWidth;
          attention
              .get()
              .attend(
                  query.array(),
                  query.offset() + b * queries * width + column,
                  queries,
                  key.array(),
                  key.offset() + b * keyRows * width + column,
                  value.array(),
                  value.offset() + b * keyRows * width + column,
                  width,
                  valid[b],
                  valid[b].length,
                  Attention.Angles.NONE,
                  (float) scale,
                  headWidth,
                  to,
                  b * queries * width + column,
                  width);
        });
    return rounded(result, q.dtype(), to);
  }

  private static int[][] validRows(Mask mask, int positions) {
    VectorTensor valid = VectorTensor.of(mask.valid());
    boolean[] flags = valid.booleans();
    int[][] rows = new int[valid.dim(0)][];
    for (int b = 0; b < rows.length; b++) {
      int start = valid.offset() + b * positions;
      rows[b] = IntStream.range(0, positions).filter(p -> flags[start + p]).toArray();
    }
    return rows;
  }

  @Override
  public Tensor conv1d(Tensor x, Tensor weight, Tensor bias, int left, int right) {
    ShapeRules.sameFloating("conv1d", x, weight, bias);
    Shape result = ShapeRules.conv1d(x.shape(), weight.shape(), bias.shape(), left, right);
    VectorTensor w = VectorTensor.of(weight);
    PackedMatrix packed =
        w.laid(
            Layout.CONVOLUTION, () -> Convolutions.pack(workers, buffers, w.floats(), w.shape()));
    float[] to = buffers.take(result.intSize());
    int in = x.shape().intDim(2);
    int batch = x.shape().intDim(0);
    int positions = x.shape().intDim(1) + left + right;
    float[] padded = buffers.take(Shape.of(batch, positions, in).intSize());
    Convolutions.pad(reductions, VectorTensor.of(x), left, right, padded);
    int group = result.intDim(1);
    Products.Left rows = new Products.Left(padded, 0, in, Math.max(1, group), positions * in);
    products.multiply(
        batch * group,
        rows,
        packed,
        padded(Optional.of(bias), packed.n),
        to,
        0,
        Finish.rounded(x.dtype()));
    buffers.give(padded);
    return pooled(result, x.dtype(), to);
  }

  @Override
  public Tensor convTranspose1d(Tensor x, Tensor weight, int stride, int padding) {
    ShapeRules.sameFloating("convTranspose1d", x, weight);
    Shape result = ShapeRules.convTranspose1d(x.shape(), weight.shape(), stride, padding);
    VectorTensor w = VectorTensor.of(weight);
    PackedMatrix packed =
        w.laid(
            Layout.TRANSPOSED_CONVOLUTION,
            () -> Convolutions.packTransposed(workers, buffers, w.floats(), w.shape()));
    Floats from = VectorTensor.of(x).floats();
    int kernel = weight.shape().intDim(2);
    int m = x.shape().intDim(0) * x.shape().intDim(1);
    Products.Left rows = Products.Left.of(from.array(), from.offset(), m, packed.k);
    float[] to = buffers.take(result.intSize());
    Finish nothing = Finish.rounded(DType.FLOAT32);
    if (kernel == stride && padding == 0) {
      // What the positions give lies one after the other in the result.
      products.multiply(m, rows, packed, zeros(packed.n), to, 0, nothing);
    } else {
      float[] columns = buffers.take(Shape.of(m, packed.n).intSize());
      products.multiply(m, rows, packed, zeros(packed.n), columns, 0, nothing);
      Convolutions.overlap(reductions, columns, x.shape(), kernel, stride, padding, result, to);
      buffers.give(columns);
    }
    return rounded(result, x.dtype(), to);
  }

  @Override
  public Tensor maskedFill(Tensor x, Mask mask, double value) {
    ShapeRules.floating("maskedFill", x);
    Shape result = ShapeRules.masked("maskedFill", x.shape(), mask);
    VectorTensor from = VectorTensor.of(x);
    boolean[] valid = VectorTensor.of(mask.valid()).booleans();
    int v0 = VectorTensor.of(mask.valid()).offset();
    int inner = Around.product(result, 2, result.rank());
    float[] to = buffers.take(result.intSize());
    reductions.each(
        Around.product(result, 0, 2),
        inner,
        (begin, end) -> {
          from.copy((long) begin * inner, to, begin * inner, (end - begin) * inner);
          for (int p = begin; p < end; p++) {
            if (!valid[v0 + p]) {
              Arrays.fill(to, p * inner, (p + 1) * inner, (float) value);
            }
          }
        });
    return rounded(result, x.dtype(), to);
  }

  @Override
  public Tensor maskedMean(Tensor x, Mask mask) {
    ShapeRules.floating("maskedMean", x);
    Shape result = ShapeRules.pooled("maskedMean", x.shape(), mask);
    VectorTensor valid = VectorTensor.of(mask.valid());
    float[] to = buffers.take(result.intSize());
    reductions.maskedMean(VectorTensor.of(x), valid.booleans(), valid.offset(), to);
    return rounded(result, x.dtype(), to);
  }

  @Override
  public Tensor maskedMax(Tensor x, Mask mask) {
    ShapeRules.floating("maskedMax", x);
    Shape result = ShapeRules.pooled("maskedMax", x.shape(), mask);
    VectorTensor valid = VectorTensor.of(mask.valid());
    float[] to = buffers.take(result.intSize());
    reductions.maskedMax(VectorTensor.of(x), valid.booleans(), valid.offset(), to);
    return rounded(result, x.dtype(), to);
  }

  @Override
  public Tensor segmentSum(Tensor x, Segments segments) {
    ShapeRules.floating("segmentSum", x);
    Shape result = ShapeRules.segmentSum(x.shape(), segments);
    float[] to = buffers.take(result.intSize());
    reductions.segmentSum(VectorTensor.of(x), segments, to);
    return rounded(result, x.dtype(), to);
  }

  @Override
  public Tensor dropout(Tensor x, double probability) {
    ShapeRules.floating("dropout", x);
    return x;
  }

  @Override
  public void close() {
    workers.close();
    buffers.clear();
  }

  private void elements(int n, Reductions.Range range) {
    // Whole cache lines, so that no two threads write to one.
    int lines = (n + 15) / 16;
    reductions.each(lines, 16, (begin, end) -> range.run(begin * 16, Math.min(n, end * 16)));
  }

  /** An array for values of a tensor's element type. */
  private Object array(VectorTensor like, int n) {
    return isFloats(like.dtype())
        ? buffers.take(n)
        : Conversions.like(((Storage.Values) like.storage()).array, n);
  }

  private Tensor made(Shape shape, DType dtype, Object array) {
    return array instanceof float[] floats
        ? pooled(shape, dtype, floats)
        : own(shape, dtype, array);
  }

  private Tensor rounded(Shape shape, DType dtype, float[] values) {
    if (dtype != DType.FLOAT32) {
      elements(shape.intSize(), (begin, end) -> Rounding.round(dtype, values, begin, end - begin));
    }
    return pooled(shape, dtype, values);
  }

  private Tensor pooled(Shape shape, DType dtype, float[] values) {
    return scopes.own(
        new VectorTensor(shape, dtype, new Storage.Values(values, buffers), 0, buffers));
  }

  private Tensor own(Shape shape, DType dtype, Object array) {
    return scopes.own(new VectorTensor(shape, dtype, new Storage.Values(array), 0, buffers));
  }
}

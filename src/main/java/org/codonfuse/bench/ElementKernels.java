package org.codonfuse.bench;

import java.util.List;
import org.codonfuse.bench.Kernel.Preparation;
import org.codonfuse.bench.Kernel.Rows;
import org.codonfuse.bench.Kernel.Size;
import org.codonfuse.bench.Kernel.Way;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;

/** Functions of every value or every row, whose result is as large as the input. */
final class ElementKernels {
  private static final int WIDTH = 640;
  private static final double EPSILON = 1e-5;

  private ElementKernels() {}

  static List<Kernel> of(Rows rows) {
    return List.of(
        kernel(
            "layer-norm",
            rows,
            (backend, owner) -> {
              Tensor weight = owner.adopt(backend.full(1, Shape.of(WIDTH)));
              Tensor bias = owner.adopt(backend.full(0, Shape.of(WIDTH)));
              return List.of(
                  new Way("layerNorm", (x, _) -> backend.layerNorm(x, weight, bias, EPSILON)));
            }),
        kernel(
            "softmax",
            rows,
            (backend, _) -> List.of(new Way("softmax", (x, _) -> backend.softmax(x)))),
        kernel("gelu", rows, unary(Unary.GELU)),
        kernel("silu", rows, unary(Unary.SILU)),
        kernel("tanh", rows, unary(Unary.TANH)),
        kernel("sigmoid", rows, unary(Unary.SIGMOID)));
  }

  private static Preparation unary(Unary function) {
    return (backend, _) -> List.of(new Way("unary", (x, _) -> backend.unary(function, x)));
  }

  private static Kernel kernel(String name, Rows rows, Preparation preparation) {
    return Kernel.rows(
        name,
        DType.FLOAT32,
        rows,
        (bytes, blocks) -> {
          Shape shape = Shape.of(Math.max(1, bytes / (WIDTH * Float.BYTES)), WIDTH);
          return new Size(
              shape, blocks, shape.toString(), 2.0 * Float.BYTES * shape.size(), preparation);
        });
  }
}

package org.codonfuse.compute;

import static org.codonfuse.compute.Tolerances.EXACT;
import static org.codonfuse.compute.Tolerances.NORMALISED;
import static org.codonfuse.compute.Tolerances.sum;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Products with weights, convolutions, normalisation and look-up. */
interface LayersContract extends Contract {
  @AtEverySize
  default void matrixProducts(int size) {
    compare()
        .same(
            "matmul over an inner size",
            sum(size),
            in -> in.backend().matmul(in.normal(3, size), in.normal(size, 5)));
    compare()
        .same(
            "matmul of wide results",
            sum(3),
            in -> in.backend().matmul(in.normal(2, 5, 3), in.normal(2, 3, size)));
    compare()
        .same(
            "matmul of long results",
            sum(3),
            in -> in.backend().matmul(in.normal(2, 2, size, 3), in.normal(2, 2, 3, 4)));
    compare()
        .same(
            "matmul of a transposed matrix",
            sum(size),
            in ->
                in.backend()
                    .matmul(in.normal(3, size), in.backend().transpose(in.normal(5, size), 0, 1)));
  }

  @AtEverySize
  default void linearOverEveryInput(int size) {
    compare()
        .same(
            "linear",
            sum(size),
            in -> in.backend().linear(in.normal(2, 3, size), in.normal(5, size)));
    compare()
        .same(
            "linear with bias",
            sum(size),
            in -> in.backend().linear(in.normal(2, 3, size), in.normal(5, size), in.normal(5)));
    compare()
        .same(
            "linear of a vector",
            sum(size),
            in -> in.backend().linear(in.normal(size), in.normal(3, size), in.normal(3)));
  }

  @AtEverySize
  default void layersOfOneInput(int size) {
    compare()
        .same(
            "layers of one input",
            sum(9),
            in -> {
              Tensor x = in.normal(2, size, 9);
              List<Tensor> weights = List.of(in.normal(size, 9), in.normal(3, 9));
              List<Tensor> biases = List.of(in.normal(size), in.normal(3));
              return in.backend().concat(in.backend().linears(x, weights, biases), 2);
            });
  }

  @AtEverySize
  default void linearToEveryOutput(int size) {
    compare()
        .same(
            "linear to", sum(7), in -> in.backend().linear(in.normal(2, 3, 7), in.normal(size, 7)));
    compare()
        .same(
            "linear to with bias",
            sum(7),
            in -> in.backend().linear(in.normal(4, 7), in.normal(size, 7), in.normal(size)));
  }

  @AtEverySize
  default void linearOfEveryNumberOfRows(int rows) {
    compare()
        .same(
            "linear of rows",
            sum(9),
            in -> in.backend().linear(in.normal(rows, 9), in.normal(6, 9), in.normal(6)));
  }

  @AtEverySize
  default void linearGoesOnWithAFunctionOrAnotherTensor(int size) {
    for (boolean packed : new boolean[] {false, true}) {
      for (Unary function : Unary.values()) {
        if (function != Unary.EXP && function != Unary.LOG) {
          compare()
              .same(
                  "linear and " + function + (packed ? ", packed" : ""),
                  sum(size),
                  in -> linear(in, size, packed, new Epilogue.Function(function)));
        }
      }
      for (Binary function : new Binary[] {Binary.ADD, Binary.SUBTRACT, Binary.MULTIPLY}) {
        compare()
            .same(
                "linear and " + function + (packed ? ", packed" : ""),
                sum(size),
                in ->
                    linear(
                        in, size, packed, new Epilogue.Combination(function, in.normal(2, 3, 5))));
      }
    }
  }

  private static Tensor linear(Inputs in, int size, boolean packed, Epilogue epilogue) {
    Backend backend = in.backend();
    Tensor weight = in.normal(5, size);
    return backend.linear(
        in.normal(2, 3, size),
        packed ? backend.pack(weight) : weight,
        Optional.of(in.normal(5)),
        epilogue);
  }

  @Test
  default void layerNormTakesWiderWeights() {
    for (DType dtype : floatingTypes()) {
      for (int width : new int[] {8, 32, 41, 320, 1288}) {
        compare()
            .same(
                "layerNorm of " + dtype + " with float32 weights",
                Tolerances.rounded(dtype),
                in ->
                    in.backend()
                        .layerNorm(
                            in.backend().cast(in.normal(11, width), dtype),
                            in.normal(width),
                            in.normal(width),
                            1e-5));
      }
    }
  }

  @Test
  default void linearIsFollowedByGeluInEveryType() {
    for (DType dtype : floatingTypes()) {
      for (int out : new int[] {5, 16, 320}) {
        compare()
            .same(
                "linear with GELU in " + dtype,
                dtype,
                Tolerances.rounded(dtype),
                in ->
                    in.backend()
                        .linear(
                            in.backend().affine(in.normal(13, 24), 0.5, 0),
                            in.normal(out, 24),
                            Optional.of(in.normal(out)),
                            new Epilogue.Function(Unary.GELU)));
      }
    }
  }

  @AtEverySize
  default void layerNorms(int width) {
    for (double epsilon : new double[] {1e-5, 1e-12}) {
      compare()
          .same(
              "layerNorm with epsilon " + epsilon,
              NORMALISED,
              in ->
                  in.backend()
                      .layerNorm(
                          in.normal(2, 3, width), in.normal(width), in.normal(width), epsilon));
    }
  }

  @Test
  default void layerNormsFarFromZero() {
    compare()
        .same(
            "layerNorm around 100",
            // The inputs are rounded to 4e-6, the same on both sides; the mean is to 100 · 6e-8.
            new Tolerances.Tolerance(5e-5, 5e-5),
            in ->
                in.backend()
                    .layerNorm(
                        in.backend().affine(in.normal(4, 320), 1, 100),
                        in.normal(320),
                        in.normal(320),
                        1e-5));
  }

  @AtEverySize
  default void looksUpRows(int width) {
    compare()
        .same(
            "embedding", EXACT, in -> in.backend().embedding(in.normal(7, width), in.ids(7, 2, 5)));
    compare()
        .same(
            "embedding of one id",
            EXACT,
            in -> in.backend().embedding(in.normal(7, width), in.ids(7)));
    compare()
        .same(
            "embedding of no id",
            EXACT,
            in -> in.backend().embedding(in.normal(7, width), in.ids(7, 0, 3)));
  }

  @AtSmallSizes
  default void convolutionsOverEveryLength(int positions) {
    convolve(positions, 3, 5, 1, 0, 0);
    convolve(positions, 3, 5, 2, 1, 0);
    convolve(positions, 3, 5, 3, 1, 1);
    convolve(positions, 3, 5, 4, 1, 2);
    convolve(positions, 3, 5, 5, 4, 4);
  }

  @AtEverySize
  default void convolutionsOverEveryWidth(int size) {
    convolve(6, size, 3, 3, 1, 1);
    convolve(6, 3, size, 3, 1, 1);
  }

  private void convolve(int positions, int in, int out, int kernel, int left, int right) {
    if (positions + left + right - kernel + 1 < 0) {
      return;
    }
    compare()
        .same(
            "conv1d of kernel " + kernel + " padded by " + left + " and " + right,
            sum(in * kernel),
            inputs ->
                inputs
                    .backend()
                    .conv1d(
                        inputs.normal(2, positions, in),
                        inputs.normal(out, in, kernel),
                        inputs.normal(out),
                        left,
                        right));
    int after = positions + left + right - kernel + 1;
    for (boolean full : new boolean[] {true, false}) {
      compare()
          .same(
              "convMax of kernel " + kernel + " padded by " + left + " and " + right,
              sum(in * kernel),
              inputs ->
                  inputs
                      .backend()
                      .convMax(
                          inputs.normal(2, positions, in),
                          inputs.normal(out, in, kernel),
                          inputs.normal(out),
                          left,
                          right,
                          inputs
                              .backend()
                              .mask(new int[] {after, full ? after : after / 2}, after)));
    }
  }

  @AtSmallSizes
  default void transposedConvolutionsOverEveryLength(int size) {
    int positions = size + 2;
    convolveTransposed(positions, 3, 5, 2, 2, 0);
    convolveTransposed(positions, 3, 5, 3, 2, 2);
    convolveTransposed(positions, 3, 5, 3, 1, 1);
    convolveTransposed(positions, 3, 5, 2, 3, 0);
  }

  @AtSmallSizes
  default void transposedConvolutionsOverEveryWidth(int size) {
    convolveTransposed(1, size + 1, 3, 2, 2, 0);
    convolveTransposed(4, 3, size + 1, 3, 2, 2);
  }

  @Test
  default void convolutionsOfAnEmptyBatch() {
    compare()
        .same(
            "conv1d of no batch",
            EXACT,
            in -> in.backend().conv1d(in.normal(0, 6, 3), in.normal(4, 3, 3), in.normal(4), 1, 1));
    compare()
        .same(
            "convTranspose1d of no batch",
            EXACT,
            in -> in.backend().convTranspose1d(in.normal(0, 6, 3), in.normal(3, 4, 2), 2, 0));
  }

  private void convolveTransposed(
      int positions, int in, int out, int kernel, int stride, int padding) {
    compare()
        .same(
            "convTranspose1d of kernel " + kernel + ", stride " + stride + ", padding " + padding,
            sum(in * kernel),
            inputs ->
                inputs
                    .backend()
                    .convTranspose1d(
                        inputs.normal(2, positions, in),
                        inputs.normal(in, out, kernel),
                        stride,
                        padding));
  }
}

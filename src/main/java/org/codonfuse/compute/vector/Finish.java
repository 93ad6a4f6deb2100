package org.codonfuse.compute.vector;

import java.util.Optional;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Unary;

/**
 * What is done to the tiles of a product while they are in the first-level cache: a function or a
 * combination with another tensor, before and after which results are rounded to their type.
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Finish(
    DType dtype, Optional<Unary> function, Optional<Binary> combination, float[] other, int o0) {
  /** Nothing but rounding. */
  static Finish rounded(DType dtype) {
    return new Finish(dtype, Optional.empty(), Optional.empty(), new float[0], 0);
  }

  static Finish of(DType dtype, Epilogue epilogue) {
    return switch (epilogue) {
      case Epilogue.Nothing() -> rounded(dtype);
      case Epilogue.Function(Unary function) ->
          new Finish(dtype, Optional.of(function), Optional.empty(), new float[0], 0);
      case Epilogue.Combination(Binary function, var tensor) -> {
        VectorTensor.Floats other = VectorTensor.of(tensor).floats();
        yield new Finish(
            dtype, Optional.empty(), Optional.of(function), other.array(), other.offset());
      }
    };
  }

  boolean isNothing() {
    return dtype == DType.FLOAT32 && function.isEmpty() && combination.isEmpty();
  }

  /**
   * Finishes some columns of some rows.
   *
   * @param c the result, row r of the part at {@code c0 + r · ldc}
   * @param at of the part in the result, which is where it is in the other tensor
   */
  void apply(float[] c, int c0, int ldc, int at, int rows, int columns) {
    if (isNothing()) {
      return;
    }
    for (int r = 0; r < rows; r++) {
      int row = c0 + r * ldc;
      Rounding.round(dtype, c, row, columns);
      if (function.isPresent()) {
        Functions.apply(function.get(), c, row, c, row, columns);
        Rounding.round(dtype, c, row, columns);
      } else if (combination.isPresent()) {
        Elements.combine(combination.get(), c, row, other, o0 + at + r * ldc, c, row, columns);
        Rounding.round(dtype, c, row, columns);
      }
    }
  }
}

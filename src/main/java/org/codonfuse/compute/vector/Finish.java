package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Tiles.COLUMNS;

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
   * Finishes a tile and stores it.
   *
   * @param tile [rows, {@link Tiles#COLUMNS}], changed
   * @param spare as large
   * @param c the result, row r of the tile at {@code c0 + r · ldc}
   * @param at of the tile in the result, which is where it is in the other tensor
   * @param columns of the tile that are stored
   */
  void store(
      float[] tile, float[] spare, float[] c, int c0, int ldc, int at, int rows, int columns) {
    Rounding.round(dtype, tile, 0, rows * COLUMNS);
    if (combination.isPresent()) {
      for (int r = 0; r < rows; r++) {
        int to = c0 + r * ldc;
        int from = o0 + at + r * ldc;
        Elements.combine(combination.get(), tile, r * COLUMNS, other, from, c, to, columns);
        Rounding.round(dtype, c, to, columns);
      }
      return;
    }
    float[] result = tile;
    if (function.isPresent()) {
      Functions.apply(function.get(), tile, 0, spare, 0, rows * COLUMNS);
      Rounding.round(dtype, spare, 0, rows * COLUMNS);
      result = spare;
    }
    for (int r = 0; r < rows; r++) {
      System.arraycopy(result, r * COLUMNS, c, c0 + r * ldc, columns);
    }
  }
}

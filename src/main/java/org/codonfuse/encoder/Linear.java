package org.codonfuse.encoder;

import java.util.Optional;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Epilogue;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;

/**
 * A linear layer of an encoder.
 *
 * @param weight [out, in], perhaps in a layout for products alone
 * @param bias [out]
 * @param update what low-rank adaptation adds to the weight, where it is not part of it
 */
record Linear(Tensor weight, Optional<Tensor> bias, Optional<LowRank> update) {
  /**
   * Two factors of an update.
   *
   * @param down [rank, in]
   * @param up [out, rank], scaled
   */
  record LowRank(Tensor down, Tensor up) {}

  Linear(Tensor weight, Optional<Tensor> bias) {
    this(weight, bias, Optional.empty());
  }

  /**
   * The inner product of the update, which layers that share {@link LowRank#down} share.
   *
   * @param dropout of x within it
   * @return [rows, rank], if there is an update
   */
  Optional<Tensor> low(Backend backend, Tensor x, double dropout) {
    return update.map(factors -> backend.linear(backend.dropout(x, dropout), factors.down));
  }

  /** x · weightᵀ + bias and what follows it. */
  Tensor apply(Backend backend, Tensor x, Epilogue epilogue) {
    return backend.linear(x, weight, bias, epilogue);
  }

  /**
   * x · weightᵀ + bias with the update, and what follows it.
   *
   * @param low see {@link #low}
   */
  Tensor apply(Backend backend, Tensor x, Optional<Tensor> low, Epilogue epilogue) {
    if (low.isEmpty()) {
      return apply(backend, x, epilogue);
    }
    // The small product first: the large one adds it before it stores.
    Tensor change = backend.linear(low.get(), update.orElseThrow().up);
    Tensor result = apply(backend, x, new Epilogue.Combination(Binary.ADD, change));
    return switch (epilogue) {
      case Epilogue.Function(Unary function) -> backend.unary(function, result);
      case Epilogue.Combination(Binary function, Tensor other) ->
          backend.binary(function, result, other);
      default -> result;
    };
  }
}

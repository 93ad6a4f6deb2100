package org.codonfuse.compute;

import static org.codonfuse.compute.Tolerances.EXACT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Who owns results, until when, and which threads may do what. */
interface OwnershipContract extends Contract {
  @Test
  default void everyOperationAddsItsResultAndNothingElseToTheCurrentScope() {
    Backend backend = compare().tested();
    for (Operation operation : Operation.all()) {
      try (Scope outer = backend.openScope(Mode.INFERENCE)) {
        Supplier<Tensor> call = operation.prepare().apply(inputs(backend));
        int before = outer.size();
        Tensor result;
        try (Scope inner = backend.openScope(Mode.INFERENCE)) {
          result = call.get();
          assertEquals(1, inner.size(), operation.name());
        }
        assertTrue(result.isReleased(), operation.name());
        assertThrows(IllegalStateException.class, result::toFloats, operation.name());
        assertEquals(before, outer.size(), operation.name());
        assertEquals(call.get().shape(), result.shape(), operation.name() + " a second time");
      }
    }
  }

  @Test
  default void everyOperationRefusesReleasedInputs() {
    Backend backend = compare().tested();
    for (Operation operation : Operation.all()) {
      Supplier<Tensor> call;
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        call = operation.prepare().apply(inputs(backend));
      }
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        assertThrows(IllegalStateException.class, call::get, operation.name());
      }
    }
  }

  @Test
  default void operationsNeedAnOpenScope() {
    Backend backend = compare().tested();
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> backend.full(1, Shape.of(2)));
    assertTrue(e.getMessage().contains("openScope"), e.getMessage());
  }

  @Test
  default void resultsMovedToAnOwnerOutliveTheirScopeAndTheirInputs() {
    Backend backend = compare().tested();
    try (Scope owner = backend.newOwner()) {
      List<Tensor> results = new ArrayList<>();
      List<float[]> values = new ArrayList<>();
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        for (Operation operation : Operation.all()) {
          Tensor result = owner.adopt(operation.prepare().apply(inputs(backend)).get());
          results.add(result);
          values.add(result.toFloats());
        }
      }
      for (int i = 0; i < results.size(); i++) {
        String name = Operation.all().get(i).name();
        Comparison.assertClose(name, values.get(i), results.get(i).toFloats(), EXACT);
      }
      assertEquals(results.size(), owner.size());
    }
  }

  @Test
  default void resultsKeptLiveInTheScopeAround() {
    Backend backend = compare().tested();
    try (Scope outer = backend.openScope(Mode.INFERENCE)) {
      Tensor kept;
      try (Scope inner = backend.openScope(Mode.INFERENCE)) {
        kept = inner.keep(backend.full(3, Shape.of(2)));
        assertEquals(0, inner.size());
      }
      assertEquals(1, outer.size());
      assertArrayEquals(new float[] {3, 3}, kept.toFloats());
    }
  }

  @Test
  default void threadsComputeWithSharedInputsInScopesOfTheirOwn() {
    Backend backend = compare().tested();
    try (Scope owner = backend.newOwner()) {
      Tensor weight;
      try (Scope _ = backend.openScope(Mode.INFERENCE)) {
        weight = owner.adopt(inputs(backend).normal(33, 17));
      }
      Supplier<float[]> work =
          () -> {
            try (Scope _ = backend.openScope(Mode.INFERENCE)) {
              return backend.linear(inputs(backend).normal(9, 17), weight).toFloats();
            }
          };
      float[] expected = work.get();
      List<CompletableFuture<float[]>> others = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        others.add(CompletableFuture.supplyAsync(work));
      }
      for (CompletableFuture<float[]> other : others) {
        assertArrayEquals(expected, other.join());
      }
    }
  }

  @Test
  default void onlyTrainableBackendsOpenDifferentiableScopes() {
    Backend backend = compare().tested();
    for (Mode mode : List.of(Mode.GRADIENT, Mode.TRAINING)) {
      if (backend instanceof TrainableBackend) {
        try (Scope scope = backend.openScope(mode)) {
          assertEquals(mode, scope.mode());
        }
      } else {
        assertThrows(UnsupportedOperationException.class, () -> backend.openScope(mode));
      }
    }
  }

  @Test
  default void saysWhatItIs() {
    Backend backend = compare().tested();
    assertTrue(List.of("torch", "vector", "scalar").contains(backend.name()), backend.name());
    assertTrue(
        backend.description().contains(backend.device().toString().replace(":0", "")),
        backend.description());
  }

  private static Inputs inputs(Backend backend) {
    return new Inputs(backend, 1, DType.FLOAT32);
  }
}

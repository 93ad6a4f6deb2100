package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private final Scopes scopes = new Scopes();
  private final List<Integer> freed = new ArrayList<>();

  @Test
  void innermostOpenScopeOwnsNewTensors() {
    try (Scope outer = scopes.open(Mode.INFERENCE)) {
      scopes.own(new Counted(1));
      try (Scope inner = scopes.open(Mode.GRADIENT)) {
        assertSame(inner, scopes.current());
        assertEquals(Mode.GRADIENT, inner.mode());
        scopes.own(new Counted(2));
        assertEquals(1, inner.size());
      }
      assertEquals(List.of(2), freed);
      assertSame(outer, scopes.current());
      assertEquals(1, outer.size());
    }
    assertEquals(List.of(2, 1), freed);
  }

  @Test
  void keptTensorsLiveInTheScopeAround() {
    try (Scope outer = scopes.open(Mode.INFERENCE)) {
      Counted kept;
      try (Scope inner = scopes.open(Mode.INFERENCE)) {
        scopes.own(new Counted(1));
        kept = inner.keep(scopes.own(new Counted(2)));
        scopes.own(new Counted(3));
        assertEquals(2, inner.size());
      }
      assertEquals(List.of(3, 1), freed);
      assertFalse(kept.isReleased());
      assertEquals(1, outer.size());
    }
    assertEquals(List.of(3, 1, 2), freed);
  }

  @Test
  void outermostScopeHasNowhereToKeep() {
    try (Scope scope = scopes.open(Mode.INFERENCE)) {
      Counted tensor = scopes.own(new Counted(1));
      assertThrows(IllegalStateException.class, () -> scope.keep(tensor));
      assertFalse(tensor.isReleased());
    }
  }

  @Test
  void adoptedTensorsChangeTheirOwner() {
    try (Scope owner = scopes.newOwner()) {
      try (Scope scope = scopes.open(Mode.INFERENCE)) {
        for (int i = 0; i < 40; i++) {
          scopes.own(new Counted(i));
        }
        Counted moved = scopes.own(new Counted(99));
        assertSame(moved, owner.adopt(moved));
        assertSame(moved, owner.adopt(moved));
        assertEquals(40, scope.size());
        assertEquals(1, owner.size());
      }
      assertEquals(40, freed.size());
      assertFalse(freed.contains(99));
    }
    assertEquals(99, freed.getLast());
    assertEquals(41, freed.size());
  }

  @Test
  void everyTensorIsFreedOnceWhateverTheOrderOfMoves() {
    try (Scope owner = scopes.newOwner()) {
      try (Scope scope = scopes.open(Mode.INFERENCE)) {
        List<Counted> tensors = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          tensors.add(scopes.own(new Counted(i)));
        }
        for (int i = 0; i < 50; i += 3) {
          owner.adopt(tensors.get(i));
        }
        for (int i = 0; i < 50; i += 6) {
          scope.adopt(tensors.get(i));
        }
        assertEquals(50, scope.size() + owner.size());
      }
    }
    assertEquals(50, freed.size());
    assertEquals(50, freed.stream().distinct().count());
  }

  @Test
  void closedScopesAndReleasedTensorsAreRefused() {
    Scope owner = scopes.newOwner();
    Counted released = owner.adopt(new Counted(1));
    owner.close();
    assertTrue(released.isReleased());
    assertThrows(IllegalStateException.class, () -> owner.adopt(new Counted(2)));
    try (Scope scope = scopes.open(Mode.INFERENCE)) {
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> scope.adopt(released));
      assertTrue(e.getMessage().contains("after its scope closed"), e.getMessage());
    }
    assertThrows(IllegalStateException.class, released::toFloats);
  }

  @Test
  void closingTwiceChangesNothing() {
    try (Scope outer = scopes.open(Mode.INFERENCE)) {
      Scope inner = scopes.open(Mode.INFERENCE);
      scopes.own(new Counted(1));
      inner.close();
      inner.close();
      assertEquals(List.of(1), freed);
      assertSame(outer, scopes.current());
    }
  }

  @Test
  void closingClosesTheScopesLeftOpenInside() {
    try (Scope outermost = scopes.open(Mode.INFERENCE)) {
      scopes.own(new Counted(0));
      try (Scope outer = scopes.open(Mode.INFERENCE)) {
        scopes.own(new Counted(1));
        scopes.open(Mode.INFERENCE);
        scopes.own(new Counted(2));
        Scope innermost = scopes.open(Mode.INFERENCE);
        scopes.own(new Counted(3));
        outer.close();
        assertEquals(List.of(3, 2, 1), freed);
        assertThrows(IllegalStateException.class, () -> innermost.adopt(new Counted(4)));
      }
      assertSame(outermost, scopes.current());
      assertEquals(1, outermost.size());
    }
    assertThrows(IllegalStateException.class, scopes::current);
  }

  @Test
  void outermostScopeWithOneLeftOpenInsideLeavesNoneCurrent() {
    try (Scope _ = scopes.open(Mode.INFERENCE)) {
      scopes.open(Mode.INFERENCE);
      scopes.own(new Counted(1));
    }
    assertEquals(List.of(1), freed);
    assertThrows(IllegalStateException.class, scopes::current);
  }

  @Test
  void currentScopesAreClosedByTheirThreadOnly() {
    try (Scope scope = scopes.open(Mode.INFERENCE)) {
      Counted tensor = scopes.own(new Counted(1));
      CompletableFuture<Void> other = CompletableFuture.runAsync(scope::close);
      CompletionException e = assertThrows(CompletionException.class, other::join);
      assertInstanceOf(IllegalStateException.class, e.getCause());
      assertTrue(
          e.getCause().getMessage().contains(Thread.currentThread().getName()),
          e.getCause().getMessage());
      assertFalse(tensor.isReleased());
    }
    assertEquals(List.of(1), freed);
  }

  @Test
  void ownersAreNeverCurrentAndClosedByAnyThread() {
    Scope owner = scopes.newOwner();
    owner.adopt(new Counted(1));
    assertThrows(IllegalStateException.class, scopes::current);
    assertDoesNotThrow(() -> CompletableFuture.runAsync(owner::close).join());
    assertEquals(List.of(1), freed);
  }

  @Test
  void everyThreadHasItsOwnCurrentScope() {
    try (Scope _ = scopes.open(Mode.INFERENCE)) {
      CompletableFuture<Scope> other = CompletableFuture.supplyAsync(scopes::current);
      CompletionException e = assertThrows(CompletionException.class, other::join);
      assertInstanceOf(IllegalStateException.class, e.getCause());
    }
  }

  @Test
  void withoutAScopeTheMessageSaysHowToOpenOne() {
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> scopes.own(new Counted(1)));
    assertTrue(e.getMessage().contains("Backend.openScope"), e.getMessage());
    assertTrue(e.getMessage().contains(Thread.currentThread().getName()), e.getMessage());
  }

  private final class Counted extends Tensor {
    private final int id;

    Counted(int id) {
      super(Shape.of(1), DType.FLOAT32);
      this.id = id;
    }

    @Override
    public float[] toFloats() {
      requireOpen();
      return new float[1];
    }

    @Override
    public long[] toLongs() {
      requireOpen();
      return new long[1];
    }

    @Override
    protected void free() {
      freed.add(id);
    }
  }
}

package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.ref.Reference;
import org.codonfuse.compute.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LeakTest {
  @Test
  @Timeout(60)
  void onlyOwnersThatWereNotReleasedAreReported() throws InterruptedException {
    long before = Leak.reported();
    Object owner = new Object();
    Leak leak = Leak.watch(owner, "Tensor", Shape.of(2, 3));
    try {
      leak.released();
    } finally {
      Reference.reachabilityFence(owner);
    }
    Leak.watch(new Object(), "Tensor", Shape.of(4));
    while (Leak.reported() == before) {
      System.gc();
      Thread.sleep(10);
    }
    assertEquals(before + 1, Leak.reported());
  }
}

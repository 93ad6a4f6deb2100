package org.codonfuse.compute.vector;

import static org.codonfuse.compute.vector.Lanes.FLOATS;
import static org.codonfuse.compute.vector.Lanes.LANES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.codonfuse.compute.Ceilings;

/** Measures what no kernel can exceed: the best of many tries, on all threads at once. */
final class CeilingMeter {
  /** Larger than the caches of servers. */
  private static final long BYTES = 1L << 28;

  private static final int STEPS = 100_000;

  /** Small pieces, for as long as they are interpreted or compiled without care. */
  private static final int WARM_UP = 1 << 14;

  private static final int WARM_UPS = 400;
  private static final int TRIES = 10;
  private static final int CHAINS = 16;
  private static final long NANOS = 500_000_000;

  /** So that nothing is left out. */
  private volatile float result;

  private CeilingMeter() {}

  /** Takes about a second and 256 MiB. */
  static Ceilings measure(int threads) {
    CeilingMeter meter = new CeilingMeter();
    try (Workers workers = new Workers(threads);
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(BYTES, 64);
      memory.fill((byte) 0);
      long part = BYTES / threads / 64 * 64;
      for (int i = 0; i < WARM_UPS; i++) {
        meter.result = read(memory, 0, WARM_UP);
        meter.result = multiply(WARM_UP);
      }
      double bytes = meter.best(workers, i -> meter.result = read(memory, i * part, part));
      double flops = meter.best(workers, _ -> meter.result = multiply(STEPS));
      return new Ceilings(flops * 2 * CHAINS * LANES * STEPS * threads, bytes * part * threads);
    }
  }

  /** How often a second all threads do a task. */
  private double best(Workers workers, Workers.Task task) {
    double best = 0;
    long begin = System.nanoTime();
    long now = begin;
    for (int i = 0; i < TRIES || now - begin < NANOS; i++) {
      long start = now;
      workers.run(workers.count(), task);
      now = System.nanoTime();
      best = Math.max(best, 1e9 / (now - start));
    }
    return best;
  }

  /** Sums floats, four cache lines at a time. */
  private static float read(MemorySegment memory, long from, long bytes) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = FloatVector.zero(FLOATS);
    FloatVector c = FloatVector.zero(FLOATS);
    FloatVector d = FloatVector.zero(FLOATS);
    long vector = 4L * LANES;
    int steps = (int) (bytes / (4 * vector));
    for (int i = 0; i < steps; i++) {
      long at = from + 4 * vector * i;
      a = a.add(Lanes.float32(memory, at));
      b = b.add(Lanes.float32(memory, at + vector));
      c = c.add(Lanes.float32(memory, at + 2 * vector));
      d = d.add(Lanes.float32(memory, at + 3 * vector));
    }
    return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
  }

  /** {@link #CHAINS} chains of fused multiply-adds, enough for two units of several cycles. */
  private static float multiply(int steps) {
    FloatVector x = FloatVector.broadcast(FLOATS, 0.999f);
    FloatVector y = FloatVector.broadcast(FLOATS, 0.001f);
    FloatVector a = FloatVector.broadcast(FLOATS, 0f);
    FloatVector b = FloatVector.broadcast(FLOATS, 1f);
    FloatVector c = FloatVector.broadcast(FLOATS, 2f);
    FloatVector d = FloatVector.broadcast(FLOATS, 3f);
    FloatVector e = FloatVector.broadcast(FLOATS, 4f);
    FloatVector f = FloatVector.broadcast(FLOATS, 5f);
    FloatVector g = FloatVector.broadcast(FLOATS, 6f);
    FloatVector h = FloatVector.broadcast(FLOATS, 7f);
    FloatVector i = FloatVector.broadcast(FLOATS, 8f);
    FloatVector j = FloatVector.broadcast(FLOATS, 9f);
    FloatVector k = FloatVector.broadcast(FLOATS, 10f);
    FloatVector l = FloatVector.broadcast(FLOATS, 11f);
    FloatVector m = FloatVector.broadcast(FLOATS, 12f);
    FloatVector n = FloatVector.broadcast(FLOATS, 13f);
    FloatVector o = FloatVector.broadcast(FLOATS, 14f);
    FloatVector p = FloatVector.broadcast(FLOATS, 15f);
    for (int step = 0; step < steps; step++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
      m = m.fma(x, y);
      n = n.fma(x, y);
      o = o.fma(x, y);
      p = p.fma(x, y);
    }
    FloatVector sum = a.add(b).add(c.add(d)).add(e.add(f).add(g.add(h)));
    sum = sum.add(i.add(j).add(k.add(l)).add(m.add(n).add(o.add(p))));
    return sum.reduceLanes(VectorOperators.ADD);
  }
}

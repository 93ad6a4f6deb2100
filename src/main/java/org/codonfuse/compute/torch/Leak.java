package org.codonfuse.compute.torch;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports an owner of native memory that became unreachable before it was released. Only reports:
 * freeing from the cleaner's thread would hide the defect and make memory use depend on the garbage
 * collector.
 */
final class Leak implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Leak.class);
  private static final Cleaner CLEANER = Cleaner.create();
  private static final AtomicLong REPORTED = new AtomicLong();

  private final String kind;
  private final Object detail;
  private Cleaner.Cleanable cleanable;
  private volatile boolean released;

  private Leak(String kind, Object detail) {
    this.kind = kind;
    this.detail = detail;
  }

  /** Watches an owner until {@link #released}; {@code detail} must not refer to the owner. */
  static Leak watch(Object owner, String kind, Object detail) {
    Leak leak = new Leak(kind, detail);
    leak.cleanable = CLEANER.register(owner, leak);
    return leak;
  }

  /** The owner was released. */
  void released() {
    released = true;
    cleanable.clean();
  }

  /** Number of reports so far. */
  static long reported() {
    return REPORTED.get();
  }

  @Override
  public void run() {
    if (!released) {
      REPORTED.incrementAndGet();
      LOG.warn(
          "{} {} was dropped without being released and keeps its native memory;"
              + " close the scope or optimiser that owns it.",
          kind,
          detail);
    }
  }
}

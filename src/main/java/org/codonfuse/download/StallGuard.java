package org.codonfuse.download;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fails a read that nothing arrives for: the HTTP client limits only the time to an answer. */
final class StallGuard extends FilterInputStream {
  private static final Logger LOG = LoggerFactory.getLogger(StallGuard.class);

  private final Duration limit;
  private final Thread watch;
  private volatile long last = System.nanoTime();
  private volatile boolean stalled;

  StallGuard(InputStream in, Duration limit) {
    super(in);
    this.limit = limit;
    this.watch = Thread.ofVirtual().name("codonfuse-stall-guard").start(this::watch);
  }

  private void watch() {
    try {
      while (System.nanoTime() - last < limit.toNanos()) {
        Thread.sleep(limit.dividedBy(4));
      }
      stalled = true;
      in.close();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // The stream was read to its end.
    } catch (IOException e) {
      LOG.debug("A stalled connection could not be closed", e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int size = read(one, 0, 1);
    return size < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int size = 0;
    IOException failure = null;
    try {
      size = in.read(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
    }
    if (stalled) {
      throw new IOException("nothing arrived for " + limit.toSeconds() + " s", failure);
    }
    if (failure != null) {
      throw failure;
    }
    last = System.nanoTime();
    return size;
  }

  @Override
  public void close() throws IOException {
    watch.interrupt();
    in.close();
  }
}

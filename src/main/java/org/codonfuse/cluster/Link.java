package org.codonfuse.cluster;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to another process. One thread reads and one writes, so that whoever sends never
 * waits for the other side; any thread may use it.
 */
final class Link {
  /** What happens on a link; called by its reading thread. */
  interface Listener {
    void received(Link link, Frame frame) throws IOException;

    /** Nothing more can be read. */
    void broken(Link link);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Link.class);

  /** Not sent: the writer ends after what was sent before it. */
  private static final Frame END = Frame.of(Frame.Kind.END);

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final BlockingQueue<Frame> queue = new LinkedBlockingQueue<>();
  private final CountDownLatch farewell = new CountDownLatch(1);
  private volatile long heard = System.nanoTime();
  private volatile Thread writer;

  Link(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    this.in = new DataInputStream(new Heard(socket.getInputStream()));
    this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
  }

  /** Notes when something arrives, also within a long frame. */
  private final class Heard extends FilterInputStream {
    Heard(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      heardNow();
      return b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      heardNow();
      return count;
    }
  }

  /** The stream to read from before {@link #start}. */
  DataInputStream in() {
    return in;
  }

  /** The stream to write to before {@link #start}. */
  DataOutputStream out() {
    return out;
  }

  /** Reads and writes from now on. */
  void start(int rank, Listener listener) {
    writer = Thread.ofPlatform().daemon().name("codonfuse-to-rank-" + rank).start(this::write);
    Thread.ofPlatform()
        .daemon()
        .name("codonfuse-from-rank-" + rank)
        .start(
            () -> {
              read(listener);
              farewell.countDown();
              listener.broken(this);
            });
  }

  private void read(Listener listener) {
    try {
      while (true) {
        Frame frame = Frame.read(in, Integer.MAX_VALUE - 8);
        switch (frame.kind()) {
          case GOODBYE -> {
            listener.received(this, frame);
            send(Frame.of(Frame.Kind.FAREWELL));
          }
          case FAREWELL -> farewell.countDown();
          default -> listener.received(this, frame);
        }
      }
    } catch (IOException e) {
      LOG.debug("{} was read to its end", socket, e);
    }
  }

  private void write() {
    try {
      while (true) {
        Frame frame = queue.take();
        if (frame.kind() == Frame.Kind.END) {
          out.flush();
          return;
        }
        frame.write(out);
        if (queue.isEmpty()) {
          out.flush();
        }
      }
    } catch (IOException e) {
      LOG.debug("{} cannot be written any more", socket, e); // The reader says so.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends something, soon. */
  void send(Frame frame) {
    queue.add(frame);
  }

  /** For how long nothing arrived, in nanoseconds. */
  long silent() {
    return System.nanoTime() - heard;
  }

  /** What was missed was missed because this process did not run. */
  void heardNow() {
    heard = System.nanoTime();
  }

  /** Says goodbye; {@link #close} waits for the answer. */
  void goodbye() {
    send(Frame.of(Frame.Kind.GOODBYE));
  }

  /**
   * Closes when the other side has read everything that was sent.
   *
   * @param patience how long to wait for that
   */
  void close(Duration patience) {
    try {
      if (writer != null) {
        farewell.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        send(END);
        writer.join(patience);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      closeSocket(socket);
    }
  }

  static void closeSocket(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("{} is closed when the process ends", socket, e);
    }
  }
}

package org.codonfuse.cluster;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How processes find rank 0 and know that it is theirs. */
final class Rendezvous {
  private static final Logger LOG = LoggerFactory.getLogger(Rendezvous.class);

  /** What both sides begin with; its last letter changes with what follows. */
  private static final byte[] MAGIC = "codonfuse rank 2".getBytes(StandardCharsets.US_ASCII);

  private static final int LONGEST = 1 << 16;
  private static final int BACKLOG = 1024;
  private static final int ANSWER_MILLIS = 5_000;
  private static final int PAUSE_MILLIS = 100;

  /** Whoever is connected and says nothing that often is somebody else. */
  private static final int ATTEMPTS = 3;

  /** Names of nodes that are not known by then are wrong. */
  private static final Duration NAMES = Duration.ofSeconds(20);

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

  private Rendezvous() {}

  /** Takes who comes. */
  interface Host {
    /** Keeps the place of a process of this run, or says why not. */
    Optional<String> reserve(Hello hello);

    /** Takes the link of a process whose place was kept. */
    void admit(Member member, Link link);
  }

  /**
   * Listens from now on, in a thread of its own.
   *
   * @return what to close to stop
   * @throws CodonfuseException if the port is taken
   */
  @SuppressWarnings("MustBeClosedChecker") // The caller closes it.
  static ServerSocket listen(Ranks ranks, Hello mine, Host host) {
    ServerSocket server;
    try {
      server = new ServerSocket();
    } catch (IOException e) {
      throw new CodonfuseException("No socket can be opened: " + e.getMessage() + ".", e);
    }
    try {
      // What a host's name stands for here may not be what it stands for elsewhere.
      server.bind(
          LOOPBACK.contains(ranks.host())
              ? new InetSocketAddress(InetAddress.getLoopbackAddress(), ranks.port())
              : new InetSocketAddress(ranks.port()),
          BACKLOG);
    } catch (IOException e) {
      closeQuietly(server);
      throw new CodonfuseException(
          "Port %d, where rank 0 is to listen, is taken by another run or program (%s); choose"
                  .formatted(ranks.port(), e.getMessage())
              + " another with MASTER_PORT.",
          e);
    }
    Thread.ofPlatform()
        .daemon()
        .name("codonfuse-rendezvous")
        .start(() -> accept(server, mine, host));
    return server;
  }

  private static void accept(ServerSocket server, Hello mine, Host host) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofPlatform()
            .daemon()
            .name("codonfuse-greeter")
            .start(() -> greet(socket, mine, host));
      } catch (IOException e) {
        LOG.debug("Nobody could be let in", e);
      }
    }
  }

  private static void greet(Socket socket, Hello mine, Host host) {
    boolean admitted = false;
    try {
      socket.setSoTimeout(ANSWER_MILLIS);
      Link link = new Link(socket);
      requireMagic(link.in());
      Frame frame = Frame.read(link.in(), LONGEST);
      if (frame.kind() != Frame.Kind.HELLO) {
        throw new IOException("no greeting but " + frame.kind());
      }
      Hello hello = Hello.read(in(frame));
      socket.setSoTimeout(0);
      link.out().write(MAGIC);
      if (!hello.isOf(mine)) {
        refuse(link, "");
        return;
      }
      Optional<String> refusal = host.reserve(hello);
      if (refusal.isPresent()) {
        refuse(link, refusal.get());
        return;
      }
      Frame.of(Frame.Kind.WELCOME, mine.member()::write).write(link.out());
      link.out().flush();
      host.admit(hello.member(), link);
      admitted = true;
    } catch (IOException e) {
      LOG.debug("{} is nobody of ours", socket, e);
    } finally {
      if (!admitted) {
        Link.closeSocket(socket);
      }
    }
  }

  private static void refuse(Link link, String reason) throws IOException {
    Frame.of(Frame.Kind.REFUSAL, out -> out.writeUTF(reason)).write(link.out());
    link.out().flush();
  }

  private static void requireMagic(DataInputStream in) throws IOException {
    byte[] magic = new byte[MAGIC.length];
    in.readFully(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new IOException("something else than Codonfuse");
    }
  }

  private static DataInputStream in(Frame frame) {
    return new DataInputStream(new ByteArrayInputStream(frame.body()));
  }

  /** A link to rank 0 and who that is. */
  record Found(Link link, Member first) {}

  /**
   * Finds rank 0.
   *
   * @param within how long to try
   * @throws CodonfuseException if it is not found, is of another run or refuses this process
   */
  static Found connect(Ranks ranks, Hello mine, Duration within) {
    String place = ranks.host() + ":" + ranks.port();
    long begin = System.nanoTime();
    int strange = 0;
    while (true) {
      String why;
      try {
        return greeted(ranks, mine, place);
      } catch (EOFException | SocketTimeoutException e) {
        why = "something listens there and does not answer";
        strange++;
      } catch (UnknownHostException e) {
        why = "this name is not known here";
        strange = System.nanoTime() - begin > NAMES.toNanos() ? ATTEMPTS : strange;
      } catch (IOException e) {
        why = e.getMessage();
      }
      if (strange >= ATTEMPTS || System.nanoTime() - begin > within.toNanos()) {
        throw new CodonfuseException(
            "Rank %d does not find rank 0 at %s (%s); check that it was started, MASTER_ADDR and"
                    .formatted(ranks.rank(), place, why)
                + " MASTER_PORT.");
      }
      pause();
    }
  }

  private static Found greeted(Ranks ranks, Hello mine, String place) throws IOException {
    Socket socket = new Socket();
    boolean found = false;
    try {
      InetAddress address = InetAddress.getByName(ranks.host());
      try {
        socket.connect(new InetSocketAddress(address, ranks.port()), ANSWER_MILLIS);
      } catch (SocketTimeoutException e) {
        throw new IOException("no answer", e); // It may not have been started yet.
      }
      socket.setSoTimeout(ANSWER_MILLIS);
      Link link = new Link(socket);
      link.out().write(MAGIC);
      Frame.of(Frame.Kind.HELLO, mine::write).write(link.out());
      link.out().flush();
      DataInputStream in = link.in();
      byte[] magic = new byte[MAGIC.length];
      in.readFully(magic);
      if (!Arrays.equals(magic, MAGIC)) {
        throw stranger(place, "another program");
      }
      Frame frame = Frame.read(in, LONGEST);
      if (frame.kind() != Frame.Kind.WELCOME) {
        String reason = in(frame).readUTF();
        throw reason.isEmpty()
            ? stranger(place, "another run of Codonfuse")
            : new CodonfuseException(
                "Rank 0 at " + place + " does not take this process: " + reason + ".");
      }
      socket.setSoTimeout(0);
      found = true;
      return new Found(link, Member.read(in(frame)));
    } finally {
      if (!found) {
        Link.closeSocket(socket);
      }
    }
  }

  private static CodonfuseException stranger(String place, String owner) {
    return new CodonfuseException(
        "%s belongs to %s, not to rank 0 of this one; choose another port with MASTER_PORT."
            .formatted(place, owner));
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CodonfuseException("Interrupted while looking for rank 0.", e);
    }
  }

  static void closeQuietly(ServerSocket server) {
    try {
      server.close();
    } catch (IOException e) {
      LOG.debug("{} is closed when the process ends", server, e);
    }
  }
}

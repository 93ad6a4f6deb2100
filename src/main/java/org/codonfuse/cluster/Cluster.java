package org.codonfuse.cluster;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;

/**
 * The processes that do one thing together: every other one keeps a connection to rank 0. They
 * exchange what is small, and when one ends before the others all of these get to know, and end
 * too: within seconds if it was killed or failed, after 15 s without a sign of life if its node
 * disappeared. A process that does not close this within 10 s of that, because its main thread
 * hangs in a collective operation, is ended with the reason on standard error.
 *
 * <p>One thread exchanges; the other methods may be called by any.
 */
public final class Cluster implements AutoCloseable {
  /**
   * What is common to the processes of a run.
   *
   * @param version of the program, which must be the same everywhere
   * @param joining how long to wait until all are there
   * @param remedy what to do when one ends: the end of a sentence
   */
  public record Settings(String version, Duration joining, String remedy) {}

  /** How long to wait for what others still have to say. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration FOREVER = Duration.ofDays(10_000);

  private final Ranks ranks;
  private final Settings settings;
  private final Timing timing;
  private final Hello mine;
  private final Watch watch;
  private final Thread hook = new Thread(this::stopped, "codonfuse-stop-cluster");

  /** By rank: all others at rank 0, only that at the others. */
  private final Map<Integer, Link> links = new TreeMap<>();

  private final Map<Integer, Member> members = new TreeMap<>();
  private final BitSet left = new BitSet();
  private Optional<ServerSocket> server = Optional.empty();
  private Optional<Verdict> verdict = Optional.empty();
  private Optional<String> saidFirst = Optional.empty();
  private Exchange exchange;
  private boolean started;
  private boolean closed;

  private Cluster(Ranks ranks, Settings settings, Timing timing, Consumer<String> halt) {
    this.ranks = ranks;
    this.settings = settings;
    this.timing = timing;
    this.mine = new Hello(ranks.run(), settings.version(), ranks.size(), Member.here(ranks.rank()));
    this.exchange = new Exchange(ranks.size());
    this.watch = new Watch(timing, this::tick, halt);
  }

  /**
   * Waits until all processes are there.
   *
   * @throws CodonfuseException if some do not come, do not fit together, or the place where they
   *     are to meet belongs to something else
   */
  public static Cluster join(Ranks ranks, Settings settings) {
    return join(
        ranks,
        settings,
        Timing.DEFAULT,
        sentence -> {
          if (!sentence.isEmpty()) {
            System.err.println("codonfuse: " + sentence);
          }
          Runtime.getRuntime().halt(1);
        });
  }

  /**
   * Joins.
   *
   * @param halt ends the process with a sentence, which may be empty
   */
  static Cluster join(Ranks ranks, Settings settings, Timing timing, Consumer<String> halt) {
    Cluster cluster = new Cluster(ranks, settings, timing, halt);
    try {
      if (ranks.isFirst()) {
        cluster.gather();
      } else {
        cluster.meet();
      }
    } catch (RuntimeException | Error e) {
      if (!(e instanceof RankException)) {
        cluster.conclude(new Verdict(cluster.mine.member(), String.valueOf(e.getMessage())), true);
      }
      cluster.close();
      throw e;
    }
    Runtime.getRuntime().addShutdownHook(cluster.hook);
    return cluster;
  }

  private void gather() {
    members.put(0, mine.member());
    server = Optional.of(Rendezvous.listen(ranks, mine, host()));
    watch.start();
    boolean all =
        await(() -> verdict.isPresent() || links.size() == ranks.size() - 1, settings.joining());
    synchronized (this) {
      requireNoVerdict(null);
      if (!all) {
        throw new CodonfuseException(
            "%s did not come to %s:%d within %d s; check why, or wait longer with"
                    .formatted(
                        missing(), ranks.host(), ranks.port(), settings.joining().toSeconds())
                + " CODONFUSE_JOIN_TIMEOUT.");
      }
      started = true;
      links.values().forEach(link -> link.send(Frame.of(Frame.Kind.START)));
    }
  }

  private String missing() {
    List<String> ranksMissing =
        IntStream.range(1, ranks.size())
            .filter(rank -> !links.containsKey(rank))
            .mapToObj(Integer::toString)
            .toList();
    return (ranksMissing.size() == 1 ? "Rank " : "Ranks ")
        + String.join(", ", ranksMissing)
        + " of "
        + ranks.size();
  }

  private Rendezvous.Host host() {
    return new Rendezvous.Host() {
      @Override
      public Optional<String> reserve(Hello hello) {
        return Cluster.this.reserve(hello);
      }

      @Override
      public void admit(Member member, Link link) {
        Cluster.this.admit(member, link);
      }
    };
  }

  private synchronized Optional<String> reserve(Hello hello) {
    if (closed || verdict.isPresent()) {
      return Optional.of("it has ended");
    }
    Member before = members.get(hello.member().rank());
    Optional<String> refusal =
        hello
            .disagreement(mine)
            .or(
                () ->
                    Optional.ofNullable(before)
                        .map(there -> there + " is there when " + hello.member() + " comes"));
    if (refusal.isEmpty()) {
      members.put(hello.member().rank(), hello.member());
    } else if (!started) {
      conclude(new Verdict(mine.member(), refusal.get()), true);
    }
    return refusal;
  }

  private void admit(Member member, Link link) {
    synchronized (this) {
      links.put(member.rank(), link);
      link.start(member.rank(), listener(member));
      notifyAll();
      // It may come after the end was spread.
      verdict.ifPresent(found -> link.send(Frame.of(Frame.Kind.VERDICT, found::write)));
      if (!closed) {
        return;
      }
      link.goodbye();
    }
    link.close(PATIENCE);
  }

  private void meet() {
    Rendezvous.Found found = Rendezvous.connect(ranks, mine, settings.joining());
    synchronized (this) {
      members.put(0, found.first());
      links.put(0, found.link());
    }
    found.link().start(0, listener(found.first()));
    watch.start();
    await(() -> verdict.isPresent() || started, FOREVER);
    requireNoVerdict(null);
  }

  private Link.Listener listener(Member member) {
    return new Link.Listener() {
      @Override
      public void received(Link link, Frame frame) throws IOException {
        Cluster.this.received(member, frame);
      }

      @Override
      public void broken(Link link) {
        lost(member, "the process was killed or crashed, or its node is down");
      }
    };
  }

  private synchronized void received(Member from, Frame frame) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(frame.body()));
    switch (frame.kind()) {
      case START -> started = true;
      case SHARE -> share(from.rank(), frame.body());
      case SHARES -> finish(Exchange.parts(in));
      case FAILURE -> conclude(Verdict.readReason(from, in), false);
      case VERDICT -> {
        Verdict told = Verdict.read(in);
        if (told.member().rank() == 0) {
          saidFirst = Optional.of(told.reason());
        }
        conclude(told, false);
      }
      case GOODBYE -> {
        left.set(from.rank());
        requireCompany();
      }
      case BEAT -> {}
      case HELLO, WELCOME, REFUSAL, FAREWELL, END ->
          throw new IOException("unexpected " + frame.kind());
    }
    notifyAll();
  }

  private void share(int rank, byte[] part) {
    exchange.add(rank, part);
    if (exchange.isFull()) {
      List<byte[]> parts = exchange.parts();
      Frame all = Frame.of(Frame.Kind.SHARES, out -> Exchange.write(parts, out));
      links.values().forEach(link -> link.send(all));
      finish(parts);
    } else {
      requireCompany();
    }
  }

  private void finish(List<byte[]> parts) {
    exchange.finish(parts);
    exchange = new Exchange(ranks.size());
    notifyAll();
  }

  /** An exchange that one does not take part in any more never ends. */
  private void requireCompany() {
    if (exchange.hasBegun()) {
      left.stream()
          .filter(exchange::lacks)
          .mapToObj(members::get)
          .findFirst()
          .ifPresent(
              gone -> conclude(new Verdict(gone, "it was done when others were not"), false));
    }
  }

  private synchronized void lost(Member member, String reason) {
    if (!closed && !left.get(member.rank())) {
      conclude(new Verdict(member, reason), false);
    }
    left.set(member.rank());
    notifyAll();
  }

  /**
   * Notes who ended first and spreads it.
   *
   * @param own whether it is this process that ends, which it says also if it is not the first
   */
  private synchronized void conclude(Verdict found, boolean own) {
    if (verdict.isEmpty()) {
      verdict = Optional.of(found);
      watch.concluded(own ? "" : found.sentence(ranks.rank(), settings.remedy()));
    } else if (!own) {
      return;
    }
    if (ranks.isFirst()) {
      Frame frame = Frame.of(Frame.Kind.VERDICT, found::write);
      links.values().forEach(link -> link.send(frame));
    } else if (own && links.containsKey(0)) {
      links.get(0).send(Frame.of(Frame.Kind.FAILURE, found::writeReason));
    }
    notifyAll();
  }

  private synchronized void tick(Watch.Moment moment) {
    links.forEach(
        (rank, link) -> {
          if (left.get(rank)) {
            return;
          }
          if (moment.late()) {
            link.heardNow();
          }
          if (moment.beat()) {
            link.send(Frame.of(Frame.Kind.BEAT));
          }
          if (link.silent() > timing.silence().toNanos()) {
            lost(
                members.get(rank),
                ("nothing was heard from it for %d s: it is suspended, or its node or the"
                        + " network is down")
                    .formatted(timing.silence().toSeconds()));
          }
        });
  }

  /** Which one of them this is. */
  public Ranks ranks() {
    return ranks;
  }

  /**
   * What every rank gives, in the order of the ranks; it returns when all have called it, and as
   * often as this one.
   *
   * @param part of this rank; all together have less than 2 GiB
   * @throws CodonfuseException if one of them ended
   */
  public synchronized List<byte[]> exchange(byte[] part) {
    requireNoVerdict(null);
    Exchange ours = exchange;
    ours.begin();
    if (ranks.isFirst()) {
      share(0, part);
    } else {
      links.get(0).send(new Frame(Frame.Kind.SHARE, part));
      requireCompany();
    }
    await(() -> verdict.isPresent() || ours.isFinished(), FOREVER);
    if (!ours.isFinished()) {
      requireNoVerdict(null);
    }
    return ours.result();
  }

  /**
   * Tells the others that this rank ends, and why.
   *
   * @param usage whether the command line is wrong, so that the remedy is of no use
   * @return whether to tell the user too: not if rank 0 ends for the same reason and tells
   */
  public boolean fail(String message, boolean usage) {
    conclude(new Verdict(mine.member(), message, usage), true);
    if (ranks.isFirst()) {
      return true;
    }
    await(() -> saidFirst.isPresent() || left.get(0), PATIENCE);
    synchronized (this) {
      return !saidFirst.equals(Optional.of(message));
    }
  }

  /**
   * Why a collective operation failed: waits until it is known which rank ended.
   *
   * @return to be thrown
   */
  public CodonfuseException blame(Throwable collective) {
    await(() -> verdict.isPresent(), timing.ending());
    return verdictOn(collective)
        .orElseGet(
            () ->
                new CodonfuseException(
                    "The ranks lost each other and nobody ended (%s); %s."
                        .formatted(collective.getMessage(), settings.remedy()),
                    collective));
  }

  private synchronized Optional<CodonfuseException> verdictOn(Throwable cause) {
    return verdict.map(
        found ->
            new RankException(
                found.sentence(ranks.rank(), settings.remedy()), found.usage(), cause));
  }

  private void requireNoVerdict(Throwable cause) {
    Optional<CodonfuseException> gone = verdictOn(cause);
    if (gone.isPresent()) {
      throw gone.get();
    }
  }

  /** Whether something came true in time. */
  private synchronized boolean await(BooleanSupplier condition, Duration within) {
    long end = System.nanoTime() + within.toMillis() * 1_000_000;
    try {
      while (!condition.getAsBoolean()) {
        long millis = (end - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          return false;
        }
        wait(millis);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CodonfuseException("Interrupted while waiting for other ranks.", e);
    }
  }

  /** The process ends, and nobody closed this. */
  private void stopped() {
    conclude(new Verdict(mine.member(), "it was asked to stop"), true);
    close();
  }

  /** Leaves; that is no failure for the others. The second time it does nothing. */
  @Override
  public void close() {
    List<Link> open;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      open = List.copyOf(links.values());
      open.forEach(Link::goodbye);
    }
    watch.close();
    server.ifPresent(Rendezvous::closeQuietly);
    open.forEach(link -> link.close(PATIENCE));
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is stopping already.
    }
  }
}

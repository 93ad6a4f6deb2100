package org.codonfuse.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ranks that are threads. */
class ClusterTest {
  private static final Cluster.Settings SETTINGS =
      new Cluster.Settings("1.0", Duration.ofSeconds(20), "go on");
  private static final int SECONDS = 30;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final BlockingQueue<String> halts = new LinkedBlockingQueue<>();
  private final List<Cluster> open = new ArrayList<>();
  private int port;

  @BeforeEach
  void findPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
  }

  @AfterEach
  void close() throws InterruptedException {
    synchronized (open) {
      open.forEach(cluster -> threads.execute(cluster::close));
    }
    threads.shutdown();
    assertTrue(threads.awaitTermination(SECONDS, TimeUnit.SECONDS));
  }

  private Ranks ranks(int rank, int size) {
    return new Ranks(rank, size, rank, size, "127.0.0.1", port, "run");
  }

  private Future<Cluster> join(Ranks ranks, Cluster.Settings settings, Timing timing) {
    return threads.submit(
        () -> {
          Cluster cluster = Cluster.join(ranks, settings, timing, halts::add);
          synchronized (open) {
            open.add(cluster);
          }
          return cluster;
        });
  }

  private Future<Cluster> join(int rank, int size) {
    return join(ranks(rank, size), SETTINGS, Timing.DEFAULT);
  }

  private List<Cluster> joined(int size, Timing timing) throws Exception {
    List<Future<Cluster>> joining = new ArrayList<>();
    for (int rank = size - 1; rank >= 0; rank--) {
      joining.addFirst(join(ranks(rank, size), SETTINGS, timing));
    }
    List<Cluster> clusters = new ArrayList<>();
    for (Future<Cluster> cluster : joining) {
      clusters.add(cluster.get(SECONDS, TimeUnit.SECONDS));
    }
    return clusters;
  }

  private static <T> Throwable failure(Future<T> future) {
    return assertThrows(ExecutionException.class, () -> future.get(SECONDS, TimeUnit.SECONDS))
        .getCause();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> texts(List<byte[]> parts) {
    return parts.stream().map(part -> new String(part, StandardCharsets.UTF_8)).toList();
  }

  private <T> List<Future<T>> onAll(List<Cluster> clusters, Function<Cluster, T> what) {
    return clusters.stream()
        .map(cluster -> threads.submit((Callable<T>) () -> what.apply(cluster)))
        .toList();
  }

  @Test
  void everyRankGetsWhatAllGaveInTheirOrder() throws Exception {
    List<Cluster> clusters = joined(4, Timing.DEFAULT);
    int rounds = 200;
    for (Future<Integer> good :
        onAll(
            clusters,
            cluster -> {
              int rank = cluster.ranks().rank();
              int same = 0;
              for (int round = 0; round < rounds; round++) {
                int number = round;
                List<String> expected =
                    IntStream.range(0, 4).mapToObj(r -> "round " + number + " of " + r).toList();
                same +=
                    texts(cluster.exchange(bytes("round " + round + " of " + rank)))
                            .equals(expected)
                        ? 1
                        : 0;
              }
              cluster.close();
              return same;
            })) {
      assertEquals(rounds, good.get(SECONDS, TimeUnit.SECONDS));
    }
    assertEquals(List.of(), List.copyOf(halts));
  }

  @Test
  void largeAndEmptyPartsAreExchanged() throws Exception {
    List<Cluster> clusters = joined(2, Timing.DEFAULT);
    byte[] large = new byte[20_000_000];
    large[large.length - 1] = 1;
    for (Future<List<byte[]>> parts :
        onAll(
            clusters,
            cluster -> cluster.exchange(cluster.ranks().isFirst() ? new byte[0] : large))) {
      List<byte[]> got = parts.get(SECONDS, TimeUnit.SECONDS);
      assertEquals(0, got.getFirst().length);
      assertArrayEquals(large, got.getLast());
    }
  }

  @Test
  void aRankThatFailsIsNamedToAllOthers() throws Exception {
    List<Cluster> clusters = joined(3, Timing.DEFAULT);
    Future<List<byte[]>> first = threads.submit(() -> clusters.get(0).exchange(bytes("a")));
    Future<List<byte[]>> last = threads.submit(() -> clusters.get(2).exchange(bytes("a")));

    assertTrue(clusters.get(1).fail("x.csv: line 3 is wrong.", false));
    clusters.get(1).close();

    for (Future<List<byte[]>> other : List.of(first, last)) {
      String message = assertInstanceOf(RankException.class, failure(other)).getMessage();
      assertTrue(
          message.matches(
              "Rank 1 \\(process \\d+ on .+\\) ended before the others: x.csv: line 3 is wrong; go"
                  + " on\\."),
          message);
    }
    Throwable collective = new IllegalStateException("connection reset");
    CodonfuseException blame = clusters.get(0).blame(collective);
    assertTrue(blame.getMessage().startsWith("Rank 1 "), blame.getMessage());
    assertEquals(collective, blame.getCause());
  }

  @Test
  void aWrongCommandLineIsNotAdvisedAgain() throws Exception {
    List<Cluster> clusters = joined(3, Timing.DEFAULT);
    Future<List<byte[]>> first = threads.submit(() -> clusters.get(0).exchange(bytes("a")));
    Future<List<byte[]>> last = threads.submit(() -> clusters.get(2).exchange(bytes("a")));

    clusters.get(1).fail("--epochs 0 is too small; see --help.", true);

    for (Future<List<byte[]>> other : List.of(first, last)) {
      RankException failure = assertInstanceOf(RankException.class, failure(other));
      assertTrue(failure.isUsage());
      assertTrue(
          failure
              .getMessage()
              .matches(
                  "Rank 1 \\(process \\d+ on .+\\) has a wrong command line: --epochs 0 is too"
                      + " small; see --help\\."),
          failure.getMessage());
    }
  }

  @Test
  void whatAllRanksFailForIsSaidByTheFirst() throws Exception {
    List<Cluster> clusters = joined(3, Timing.DEFAULT);
    List<Future<Boolean>> speaks = onAll(clusters, cluster -> cluster.fail("wrong settings", true));
    assertTrue(speaks.get(0).get(SECONDS, TimeUnit.SECONDS));
    assertFalse(speaks.get(1).get(SECONDS, TimeUnit.SECONDS));
    assertFalse(speaks.get(2).get(SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void leavingIsNoFailureButEndsWhatOthersWaitFor() throws Exception {
    List<Cluster> clusters = joined(3, Timing.DEFAULT);
    clusters.get(2).close();
    Future<List<byte[]>> waits = threads.submit(() -> clusters.get(1).exchange(bytes("a")));
    String message = failure(waits).getMessage();
    assertTrue(message.startsWith("Rank 2 "), message);
    assertTrue(message.contains("it was done when others were not"), message);
  }

  @Test
  void aProcessThatDoesNotEndByItselfIsEnded() throws Exception {
    Timing timing =
        new Timing(Duration.ofMillis(200), Duration.ofSeconds(15), Duration.ofMillis(600));
    List<Cluster> clusters = joined(2, timing);
    clusters.get(0).fail("broken", false);
    clusters.get(0).close();
    String sentence = halts.poll(SECONDS, TimeUnit.SECONDS);
    assertNotNull(sentence);
    assertTrue(sentence.contains("ended before the others: broken"), sentence);
  }

  @Test
  void ranksThatDoNotComeAreNamed() {
    Cluster.Settings settings = new Cluster.Settings("1.0", Duration.ofSeconds(1), "go on");
    Future<Cluster> first = join(ranks(0, 4), settings, Timing.DEFAULT);
    Future<Cluster> second = join(2, 4);
    String message = failure(first).getMessage();
    assertTrue(
        message.startsWith("Ranks 1, 3 of 4 did not come to 127.0.0.1:" + port + " within 1 s"),
        message);
    assertTrue(failure(second).getMessage().contains(message.substring(0, 40)));
  }

  @Test
  void rankZeroThatDoesNotComeIsNamed() {
    Cluster.Settings settings = new Cluster.Settings("1.0", Duration.ofSeconds(1), "go on");
    String message = failure(join(ranks(1, 2), settings, Timing.DEFAULT)).getMessage();
    assertTrue(message.startsWith("Rank 1 does not find rank 0 at 127.0.0.1:" + port), message);
  }

  @Test
  void whoDoesNotFitIsRefusedByAll() {
    String disagreement = "was started as one of 2 processes and rank 0 as one of 3";
    Future<Cluster> first = join(0, 3);
    Future<Cluster> other = join(1, 2);
    assertTrue(failure(other).getMessage().contains(disagreement));
    assertTrue(failure(first).getMessage().contains(disagreement));
  }

  @Test
  void anotherVersionIsRefused() {
    Future<Cluster> first = join(0, 2);
    Future<Cluster> other =
        join(ranks(1, 2), new Cluster.Settings("2.0", Duration.ofSeconds(9), ""), Timing.DEFAULT);
    assertTrue(
        failure(other).getMessage().contains("runs Codonfuse 2.0 and rank 0 1.0; use the same"));
    failure(first);
  }

  @Test
  void aRankThatComesTwiceIsRefused() throws InterruptedException {
    Future<Cluster> first = join(0, 3);
    List<Future<Cluster>> twice = List.of(join(1, 3), join(1, 3));
    assertTrue(failure(first).getMessage().contains("is there when Rank 1 (process"));
    twice.forEach(ClusterTest::failure);
  }

  @Test
  void aStranger() throws Exception {
    List<Cluster> clusters = joined(2, Timing.DEFAULT);
    Ranks stale = new Ranks(1, 2, 1, 2, "127.0.0.1", port, "another");
    assertEquals(
        "127.0.0.1:%d belongs to another run of Codonfuse, not to rank 0 of this one; choose another port with MASTER_PORT."
            .formatted(port),
        failure(join(stale, SETTINGS, Timing.DEFAULT)).getMessage());
    Ranks taken = new Ranks(0, 2, 0, 2, "127.0.0.1", port, "another");
    assertTrue(
        failure(join(taken, SETTINGS, Timing.DEFAULT))
            .getMessage()
            .startsWith("Port %d, where rank 0 is to listen, is taken".formatted(port)));
    try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
      probe.getOutputStream().write(bytes("GET / HTTP/1.1\r\n\r\n"));
      assertEquals(-1, probe.getInputStream().read());
    }
    for (Future<List<byte[]>> parts : onAll(clusters, cluster -> cluster.exchange(bytes("a")))) {
      assertEquals(List.of("a", "a"), texts(parts.get(SECONDS, TimeUnit.SECONDS)));
    }
  }

  @Test
  void anotherProgramAtThePortIsNamed() throws Exception {
    try (ServerSocket server = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
      Future<byte[]> answered =
          threads.submit(
              () -> {
                try (Socket client = server.accept()) {
                  client.getOutputStream().write(bytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
                  return client.getInputStream().readNBytes(30);
                }
              });
      assertTrue(failure(join(1, 2)).getMessage().contains("belongs to another program"));
      assertEquals(30, answered.get(SECONDS, TimeUnit.SECONDS).length);
    }
  }
}

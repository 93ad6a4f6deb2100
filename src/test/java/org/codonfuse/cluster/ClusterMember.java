package org.codonfuse.cluster;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A process that exchanges until it cannot. */
final class ClusterMember {
  static final Timing TIMING =
      new Timing(Duration.ofMillis(250), Duration.ofSeconds(3), Duration.ofSeconds(5));

  private ClusterMember() {}

  /** Its arguments are the rank, how many there are and the port. */
  public static void main(String[] args) throws InterruptedException {
    int rank = Integer.parseInt(args[0]);
    int size = Integer.parseInt(args[1]);
    Ranks ranks = new Ranks(rank, size, rank, size, "127.0.0.1", Integer.parseInt(args[2]), "");
    Cluster.Settings settings = new Cluster.Settings("1.0", Duration.ofSeconds(60), "go on");
    try (Cluster cluster = Cluster.join(ranks, settings, TIMING, sentence -> System.exit(4))) {
      for (int round = 0; ; round++) {
        byte[] mine = Integer.toString(round).getBytes(StandardCharsets.UTF_8);
        if (cluster.exchange(mine).size() != size) {
          throw new IllegalStateException("a rank is missing");
        }
        System.out.println("round " + round);
        Thread.sleep(50);
      }
    } catch (RankException e) {
      System.out.println(e.getMessage());
      System.exit(3);
    }
  }
}

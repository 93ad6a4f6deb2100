package org.codonfuse.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ranks that are processes, which end or are suspended. */
@EnabledOnOs(OS.LINUX)
class ClusterProcessTest {
  private static final int SIZE = 3;
  private static final int SECONDS = 60;

  @TempDir private Path folder;

  private final List<Process> processes = new ArrayList<>();

  @BeforeEach
  void start() throws IOException, InterruptedException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    for (int rank = 0; rank < SIZE; rank++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-Xmx64m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  ClusterMember.class.getName(),
                  Integer.toString(rank),
                  Integer.toString(SIZE),
                  Integer.toString(port))
              .redirectErrorStream(true)
              .redirectOutput(log(rank).toFile())
              .start());
    }
    awaitRounds(1);
  }

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  private Path log(int rank) {
    return folder.resolve(rank + ".txt");
  }

  private long rounds(int rank) throws IOException {
    return Files.readAllLines(log(rank)).stream().filter(line -> line.startsWith("round")).count();
  }

  private void awaitRounds(long count) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    for (int rank = 0; rank < SIZE; rank++) {
      while (rounds(rank) < count) {
        assertTrue(System.nanoTime() < end, Files.readString(log(rank)));
        Thread.sleep(20);
      }
    }
  }

  private void signal(String name, Process... to) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", "kill -" + name + " \"$@\"", "sh"));
    List.of(to).forEach(process -> command.add(Long.toString(process.pid())));
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  /** What a process said last before it ended because of another. */
  private String lastWords(int rank) throws IOException, InterruptedException {
    assertTrue(processes.get(rank).waitFor(SECONDS, TimeUnit.SECONDS));
    String last = Files.readAllLines(log(rank)).getLast();
    assertEquals(3, processes.get(rank).exitValue(), last);
    return last;
  }

  private void assertAllName(int gone, String reason) throws IOException, InterruptedException {
    for (int rank = 0; rank < SIZE; rank++) {
      if (rank != gone) {
        String words = lastWords(rank);
        assertTrue(
            words.startsWith("Rank %d (process %d on ".formatted(gone, processes.get(gone).pid())),
            words);
        assertTrue(words.contains(") ended before the others: " + reason), words);
      }
    }
  }

  @Test
  void aKilledRankIsNamed() throws IOException, InterruptedException {
    signal("KILL", processes.get(1));
    assertAllName(1, "the process was killed or crashed");
  }

  @Test
  void aKilledFirstRankIsNamed() throws IOException, InterruptedException {
    signal("KILL", processes.get(0));
    assertAllName(0, "the process was killed or crashed");
  }

  @Test
  void aRankThatIsAskedToStopSaysSo() throws IOException, InterruptedException {
    signal("TERM", processes.get(2));
    assertAllName(2, "it was asked to stop");
  }

  @Test
  void aSuspendedRankIsGoneAndEndsWhenItWakes() throws IOException, InterruptedException {
    signal("STOP", processes.get(1));
    assertAllName(1, "nothing was heard from it for 3 s");
    signal("CONT", processes.get(1));
    assertTrue(lastWords(1).contains("ended"));
  }

  /** As a scheduler does that runs another job for a while. */
  @Test
  void whenAllAreSuspendedNobodyIsBlamed() throws IOException, InterruptedException {
    Process[] all = processes.toArray(Process[]::new);
    signal("STOP", all);
    Thread.sleep(ClusterMember.TIMING.silence().plusSeconds(1));
    long before = rounds(0);
    signal("CONT", all);
    awaitRounds(before + 20);
  }
}

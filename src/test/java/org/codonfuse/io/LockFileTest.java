package org.codonfuse.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockFileTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve(".lock");
  }

  /** Says whether the lock named can be taken. */
  static final class Other {
    private Other() {}

    public static void main(String[] args) throws IOException {
      System.out.println(LockFile.tryTake(Path.of(args[0])).isPresent() ? "taken" : "held");
    }
  }

  private String anotherProcess() throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Other.class.getName(),
            file.toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    String answer =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor());
    return answer;
  }

  @Test
  void aSecondHolderIsRefusedUntilTheFirstCloses() throws Exception {
    try (LockFile _ = LockFile.tryTake(file).orElseThrow()) {
      assertTrue(LockFile.tryTake(file).isEmpty());
      assertTrue(LockFile.tryTake(folder.resolve(".").resolve(".lock")).isEmpty());
    }
    try (LockFile _ = LockFile.tryTake(file).orElseThrow()) {
      assertTrue(Files.exists(file));
    }
  }

  @Test
  void otherProcessesAreRefusedAfterAVainAttemptInThisOne() throws Exception {
    try (LockFile _ = LockFile.tryTake(file).orElseThrow()) {
      assertTrue(LockFile.tryTake(file).isEmpty());
      assertEquals("held", anotherProcess());
    }
    assertEquals("taken", anotherProcess());
  }

  @Test
  void closingTwiceDoesNotTakeItFromTheNextHolder() throws Exception {
    LockFile first = LockFile.tryTake(file).orElseThrow();
    first.close();
    try (LockFile _ = LockFile.tryTake(file).orElseThrow()) {
      first.close();
      assertTrue(LockFile.tryTake(file).isEmpty());
    }
  }
}

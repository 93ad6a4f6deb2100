package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.codonfuse.io.Progress;
import org.junit.jupiter.api.Test;

class LineProgressTest {
  private final List<String> lines = new ArrayList<>();
  private Duration now = Duration.ofDays(-3); // The clock's origin is arbitrary.
  private final LineProgress progress = new LineProgress(lines::add, () -> now.toNanos());

  @Test
  void aShortTaskIsSilent() {
    try (Progress.Task task = progress.start("Embedding", 10)) {
      pass(9);
      task.step(10);
    }
    assertEquals(List.of(), lines);
  }

  @Test
  void aLongTaskReportsAtMostOncePerIntervalWithTheTimeLeft() {
    try (Progress.Task task = progress.start("Embedding", 400)) {
      for (int i = 0; i < 4; i++) {
        pass(5);
        task.step(50);
      }
      task.message("almost");
      pass(60);
      task.step(200);
    }
    assertEquals(
        List.of(
            "Embedding: 100 of 400 (25 %), 0:30 left",
            "Embedding: 200 of 400 (50 %), 0:20 left",
            "Embedding: 400 of 400 (100 %), 1:20, almost",
            "Embedding: 400 of 400 (100 %), in 1:20, almost"),
        lines);
  }

  @Test
  void aTaskOfUnknownLengthShowsItsTime() {
    Progress.Task task = progress.start("Reading", 0);
    pass(3605);
    task.step(7);
    task.close();
    task.close();
    assertEquals(List.of("Reading: 7, 1:00:05", "Reading: 7, in 1:00:05"), lines);
  }

  private void pass(int seconds) {
    now = now.plusSeconds(seconds);
  }
}

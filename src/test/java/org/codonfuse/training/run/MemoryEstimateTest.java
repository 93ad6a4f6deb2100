package org.codonfuse.training.run;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryEstimateTest {
  private static final long MIB = 1L << 20;

  /** 100 MiB of parameters, and for each sequence 64 MiB, or 16 MiB with checkpoints. */
  private static MemoryEstimate estimate(int atOnce, boolean checkpointed) {
    return new MemoryEstimate(100 * MIB, atOnce * (checkpointed ? 15 : 63) * MIB, atOnce * MIB);
  }

  private static void require(long mebibytes, boolean checkpointed) {
    estimate(16, checkpointed)
        .requireWithin(
            mebibytes * MIB, 16, checkpointed, "less of all", MemoryEstimateTest::estimate);
  }

  @Test
  void whatFitsIsAllowed() {
    assertDoesNotThrow(() -> require(100 + 16 * 64, false));
    assertDoesNotThrow(() -> require(100 + 16 * 16, true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1123 | false | 1.1 GiB | 1.1 GiB | add --gradient-checkpointing (356 MiB).
          356  | false | 1.1 GiB | 356 MiB | add --gradient-checkpointing (356 MiB).
          355  | false | 1.1 GiB | 355 MiB | add --gradient-checkpointing and --micro-batch 8 (228 MiB).
          130  | false | 1.1 GiB | 130 MiB | add --gradient-checkpointing and --micro-batch 1 (116 MiB).
          355  | true  | 356 MiB | 355 MiB | give --micro-batch 8 (228 MiB).
          170  | true  | 356 MiB | 170 MiB | give --micro-batch 4 (164 MiB).
          115  | true  | 356 MiB | 115 MiB | use a device with more, less of all.
          50   | false | 1.1 GiB | 50 MiB  | use a device with more, less of all.
          """)
  void theRemedyIsTheLeastThatFits(
      long free, boolean checkpointed, String needed, String there, String remedy) {
    CodonfuseException failure =
        assertThrows(CodonfuseException.class, () -> require(free, checkpointed));
    assertEquals(
        "Training would need about %s of memory where %s are free; %s"
            .formatted(needed, there, remedy),
        failure.getMessage());
  }
}

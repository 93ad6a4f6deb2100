package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.stream.Stream;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;

class DevicesTest {
  /** Processes on devices, of which {@code cpu} is none that is known by an id. */
  private static Devices on(String... ids) {
    return Devices.of(
        Stream.of(ids).map(id -> Optional.of(id).filter(text -> !text.equals("cpu"))).toList());
  }

  private static String refusal(Devices devices, boolean training) {
    return assertThrows(UsageException.class, () -> devices.require(training)).getMessage();
  }

  @Test
  void processesOnCpusOrOnGpusOfTheirOwnDoAnything() {
    for (Devices devices : new Devices[] {on("cpu", "cpu"), on("a", "b", "c"), on("a")}) {
      assertFalse(devices.isShared());
      assertDoesNotThrow(() -> devices.require(true));
    }
  }

  @Test
  void processesThatShareGpusEmbedAndDoNotTrain() {
    Devices devices = on("a", "b", "a", "b");
    assertTrue(devices.isShared());
    assertDoesNotThrow(() -> devices.require(false));
    assertEquals("4 processes share 2 GPUs.", devices.describeShared());
    assertEquals(
        "4 processes would train on 2 GPUs, and NCCL gives a GPU to one process only; start 2, one"
            + " for each GPU, or use --device cpu",
        refusal(devices, true));
    assertTrue(refusal(on("a", "a"), true).startsWith("2 processes would train on 1 GPU, and"));
  }

  @Test
  void someOnGpusAndOthersOnCpusAreRefused() {
    for (boolean training : new boolean[] {true, false}) {
      assertEquals(
          "2 of the 3 processes compute on GPUs and the others on CPUs; --device cuda says why,"
              + " --device cpu does without GPUs",
          refusal(on("a", "cpu", "b"), training));
    }
  }
}

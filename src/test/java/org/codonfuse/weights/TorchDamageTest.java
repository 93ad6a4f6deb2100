package org.codonfuse.weights;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files give one sentence, or tensors that can be read: nothing else. */
class TorchDamageTest {
  private static final int DAMAGES = 5_000;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"tensors-zip.pt", "tensors-zip64.pt", "tensors-legacy.pt"})
  void everyTruncationIsRefused(String name) {
    byte[] whole = TorchBytes.read(TorchBytes.written(name));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      String message =
          assertThrows(CodonfuseException.class, () -> container(cut), name + " cut").getMessage();
      assertTrue(message.endsWith("."), message);
    }
  }

  private static TorchContainer container(byte[] bytes) {
    return TorchContainer.read(Path.of("damaged.pt"), MemorySegment.ofArray(bytes));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tensors-zip.pt",
        "tensors-zip64.pt",
        "tensors-legacy.pt",
        "tensors-protocol4.pt",
        "training-zip.pt",
        "training-legacy.pt"
      })
  void everyChangeOfBytesIsRefusedOrHarmless(String name) {
    byte[] whole = TorchBytes.read(TorchBytes.written(name));
    SplittableRandom random = new SplittableRandom(7);
    int refused = 0;
    for (int i = 0; i < DAMAGES; i++) {
      byte[] damaged = whole.clone();
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      refused += readable(damaged) ? 0 : 1;
    }
    assertTrue(refused > 0 && refused < DAMAGES, refused + " refused");
  }

  @SuppressWarnings("MustBeClosedChecker") // The source closes the arena, as if it were mapped.
  private static boolean readable(byte[] bytes) {
    Arena arena = Arena.ofConfined();
    MemorySegment file = arena.allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, file, 0, bytes.length);
    try (TorchFile source = TorchFile.of(Path.of("damaged.pt"), arena, file)) {
      for (String tensor : source.names()) {
        source.segment(tensor);
      }
      return true;
    } catch (CodonfuseException e) {
      if (arena.scope().isAlive()) {
        arena.close();
      }
      return false;
    }
  }
}

package org.codonfuse.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredTensorTest {
  @TempDir Path folder;

  private float[] written(StoredType type, float... values) {
    Path from = folder.resolve("from.safetensors");
    Path to = folder.resolve("to.safetensors");
    SafetensorsWriter.write(from, Map.of("t", TensorData.of(Shape.of(values.length), values)));
    try (SafetensorsFile source = SafetensorsFile.open(from)) {
      SafetensorsWriter.write(to, Map.of("t", new StoredTensor(source, "t", type)));
    }
    try (SafetensorsFile file = SafetensorsFile.open(to)) {
      assertEquals(type, file.info("t").type());
      return file.floats("t");
    }
  }

  @Test
  void roundsToTheNearestTiesToEven() {
    assertArrayEquals(
        new float[] {1, 1, 1 + 0x1p-6f, 1 + 0x1p-7f, -2, 0, Float.NaN, Float.NEGATIVE_INFINITY},
        written(
            StoredType.BF16,
            1,
            1 + 0x1p-8f,
            1 + 3 * 0x1p-8f,
            1 + 0x1p-8f + 0x1p-20f,
            -2,
            0,
            Float.NaN,
            Float.NEGATIVE_INFINITY));
    assertArrayEquals(
        new float[] {1, 1, 1 + 0x1p-9f, 65504},
        written(StoredType.F16, 1, 1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 65504));
    assertArrayEquals(new float[] {1.1f}, written(StoredType.F32, 1.1f));
  }

  @Test
  void refusesWhatTheTypeCannotHold() {
    for (StoredType type : new StoredType[] {StoredType.F16, StoredType.BF16}) {
      String message =
          assertThrows(CodonfuseException.class, () -> written(type, 1, Float.MAX_VALUE))
              .getMessage();

      assertTrue(message.contains("tensor \"t\" holds 3.4028235E38"));
      assertTrue(message.contains("too large for " + type + "; choose float32"), message);
    }
  }
}

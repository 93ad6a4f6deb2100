package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TorchInfoTest {
  private static Object float32(boolean builtWithCuda) {
    return new TorchInfo(
            Path.of("x.so"), 1, "2.13.0", Optional.empty(), "AVX2", 2, builtWithCuda, List.of())
        .details()
        .get("float32OnCuda");
  }

  @Test
  void whatFloat32MeansIsSaidWhereThereIsCuda() {
    assertEquals("is not rounded; --tf32 lets products round factors to 10 bits", float32(true));
    assertNull(float32(false));
  }
}

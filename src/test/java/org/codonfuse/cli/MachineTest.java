package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.codonfuse.cli.Machine.VectorExtension;
import org.junit.jupiter.api.Test;

class MachineTest {
  private static final List<String> X86 =
      List.of(
          "processor\t: 0",
          "model name\t: AMD EPYC 9654 96-Core Processor",
          "flags\t\t: fpu sse sse2 avx avx2 avx512f avx512_bf16");
  private static final List<String> ARM =
      List.of("processor\t: 0", "Features\t: fp asimd evtstrm", "CPU implementer\t: 0x41");

  @Test
  void theWidestVectorExtensionIsTold() {
    assertEquals(Optional.of(VectorExtension.AVX512), Machine.widest(X86));
    assertEquals("AVX512 (512 bits)", VectorExtension.AVX512.toString());
    assertEquals(Optional.of(VectorExtension.NEON), Machine.widest(ARM));
    assertEquals(
        Optional.of(VectorExtension.SSE2), Machine.widest(List.of("flags : avx512 sse2 avx2x")));
  }

  @Test
  void whatTheSystemDoesNotSayIsUnknown() {
    assertEquals(Optional.of("AMD EPYC 9654 96-Core Processor"), Machine.model(X86));
    assertEquals(Optional.empty(), Machine.model(ARM));
    assertEquals(Optional.empty(), Machine.widest(List.of()));
  }
}

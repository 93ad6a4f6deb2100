package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.CF_CPU;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.CF_FLOAT32;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_tensor_full;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Availability.Available;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.HostTensor;
import org.codonfuse.compute.MemoryUse;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag(TestBackends.TAG)
class TorchBackendTest extends TorchTest {
  @Test
  void hostMemoryIsNotUsedAfterItWasClosed() {
    HostTensor host = torch.hostTensor(Shape.of(1));
    host.close();
    host.close();
    assertThrows(IllegalStateException.class, () -> host.write(0, new float[1], 0, 1));
    assertThrows(IllegalStateException.class, () -> host.clear(0, 1));
    assertThrows(IllegalStateException.class, host::toFloats);
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      assertThrows(IllegalStateException.class, () -> torch.tensor(host));
    }
  }

  @Test
  void alignedMemoryIsReadInPlaceAndOtherMemoryIsCopied() {
    assumeFalse(TestBackends.onCuda(), "memory of another device is always copied");
    MemorySegment aligned = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2);
    MemorySegment unaligned = arena.allocate(9).asSlice(1).copyFrom(aligned);
    MemorySegment heap = MemorySegment.ofArray(new float[] {1, 2});
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      Tensor[] tensors = {floatsAt(aligned), floatsAt(unaligned), floatsAt(heap)};
      for (MemorySegment segment : new MemorySegment[] {aligned, unaligned, heap}) {
        segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, 5);
      }
      assertArrayEquals(new float[] {5, 2}, tensors[0].toFloats());
      assertArrayEquals(new float[] {1, 2}, tensors[1].toFloats());
      assertArrayEquals(new float[] {1, 2}, tensors[2].toFloats());
    }
  }

  @Test
  void valuesOfEveryElementTypeAreRead() {
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      Tensor x = floats(0, 1, -2.5f, 1 + 1 / 256f);
      assertArrayEquals(new float[] {0, 1, -2.5f, 1}, torch.cast(x, DType.BFLOAT16).toFloats());
      assertArrayEquals(
          new float[] {0, 1, -2.5f, 1 + 1 / 256f}, torch.cast(x, DType.FLOAT16).toFloats());
      assertArrayEquals(x.toFloats(), torch.cast(x, DType.FLOAT64).toFloats());
      assertArrayEquals(new long[] {0, 1, -2, 1}, torch.cast(x, DType.INT64).toLongs());
      assertArrayEquals(new long[] {0, 1, 1, 1}, torch.cast(x, DType.BOOL).toLongs());
      assertArrayEquals(new float[] {0, 1, 1, 1}, torch.cast(x, DType.BOOL).toFloats());
      assertThrows(IllegalArgumentException.class, x::toLongs);
    }
  }

  @Test
  void aReadIsOfNoUseOnceClosed() {
    long before = TorchBackend.liveHandles();
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      HostRead read = torch.read(floats(1, 2), DType.BFLOAT16);
      read.close();
      read.close();
      assertThrows(IllegalStateException.class, read::bytes);
    }
    assertEquals(before, TorchBackend.liveHandles());
  }

  @Test
  void memoryIsCountedOnDevicesOnly() {
    torch.forgetPeakMemory();
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      torch.full(1, Shape.of(1 << 20));
      Optional<MemoryUse> use = torch.memoryUse();
      assertEquals(TestBackends.onCuda(), use.isPresent());
      use.ifPresent(
          of -> {
            assertTrue(of.used() >= 1 << 22, "used " + of);
            assertTrue(of.held() >= of.used() && of.peak() >= of.held(), "held " + of);
          });
    }
    assertTrue(torch.freeMemory() > 0);
  }

  @Test
  void dropoutActsInTrainingOnlyAndKeepsTheExpectation() {
    float[] ones = new float[10_000];
    Arrays.fill(ones, 1);
    for (Mode mode : new Mode[] {Mode.INFERENCE, Mode.GRADIENT}) {
      try (Scope _ = torch.openScope(mode)) {
        Tensor x = floats(ones);
        assertSame(x, torch.dropout(x, 0.25));
      }
    }
    try (Scope _ = torch.openScope(Mode.TRAINING)) {
      Tensor x = floats(ones);
      torch.seed(1);
      Tensor dropped = torch.dropout(x, 0.25);
      assertNotSame(x, dropped);
      int kept = 0;
      for (float value : dropped.toFloats()) {
        assertTrue(value == 0 || value == 1 / 0.75f, "value " + value);
        kept += value == 0 ? 0 : 1;
      }
      assertEquals(7500, kept, 200);
      torch.seed(1);
      assertArrayEquals(dropped.toFloats(), torch.dropout(x, 0.25).toFloats());
      assertFalse(Arrays.equals(dropped.toFloats(), torch.dropout(x, 0.25).toFloats()));
      assertThrows(IllegalArgumentException.class, () -> torch.dropout(x, 1.5));
    }
  }

  @Test
  void indicesThatWereComputedAreCheckedToo() {
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      Tensor table = torch.full(1, Shape.of(3, 2));
      Tensor ids = torch.cast(floats(0, 2, 3), DType.INT64);
      IndexOutOfBoundsException e =
          assertThrows(IndexOutOfBoundsException.class, () -> torch.embedding(table, ids));
      assertEquals("embedding: 3 is not in [0, 3)", e.getMessage());
      assertEquals(Shape.of(2, 2), torch.embedding(table, torch.narrow(ids, 0, 0, 2)).shape());
      Tensor logits = torch.full(1, Shape.of(3, 3));
      assertThrows(IndexOutOfBoundsException.class, () -> torch.crossEntropy(logits, ids));
    }
  }

  @Test
  void exhaustedMemoryIsRecognisedAndSurvived() {
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      DeviceException e =
          assertThrows(DeviceException.class, () -> torch.full(1, Shape.of(1L << 45)));
      TorchException cause = assertInstanceOf(TorchException.class, e.getCause());
      assertEquals(TorchException.Kind.OUT_OF_MEMORY, cause.kind());
      assertTrue(e.getMessage().contains("; use a smaller --micro-batch"), e.getMessage());
      assertFalse(e.getMessage().contains("frame #"), "a stack trace in " + e.getMessage());
      assertFalse(e.getMessage().contains("\n"), "lines in " + e.getMessage());
      assertEquals(1, torch.full(1, Shape.of()).item());
    }
  }

  @Test
  void aReferenceThatCannotBeOwnedIsGivenBack() {
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment sizes = Native.sizes(arena, Shape.of(2));
      long before = TorchBackend.liveHandles();
      Native.check(cf_tensor_full(1, CF_FLOAT32(), sizes, 1, CF_CPU(), 0, out));
      MemorySegment handle = out.get(ValueLayout.ADDRESS, 0);
      assertEquals(before + 1, TorchBackend.liveHandles());
      assertThrows(AssertionError.class, () -> torch.own(handle, Shape.of(3), DType.FLOAT32));
      assertEquals(before, TorchBackend.liveHandles());
    }
  }

  @Test
  void gradientsNeedAScalar() {
    try (Scope _ = torch.openScope(Mode.GRADIENT)) {
      Tensor parameter = torch.parameter(floats(1, 2));
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> torch.backward(parameter));
      assertTrue(e.getMessage().contains("[2]"), e.getMessage());
      assertTrue(torch.gradient(parameter).isEmpty());
    }
  }

  @Test
  void inferenceRecordsNothing() {
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      Tensor loss = torch.sum(torch.parameter(floats(1, 2)), 0);
      TorchException e = assertThrows(TorchException.class, () -> torch.backward(loss));
      assertEquals(TorchException.Kind.INVALID_ARGUMENT, e.kind());
      assertEquals("the loss depends on no parameter", e.getMessage());
    }
  }

  @Test
  void computedValuesDoNotFollowTheParameter() {
    List<UnaryOperator<Tensor>> neutral =
        List.of(
            x -> torch.affine(x, 1, 0),
            x -> torch.affine(x, 1, 1),
            x -> torch.affine(x, 2, 0),
            x -> torch.clamp(x, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY),
            x -> torch.unary(Unary.RELU, x),
            x -> torch.concat(List.of(x), 0),
            x -> torch.sum(x, 0),
            x -> torch.mean(x, 0),
            x -> torch.cast(torch.cast(x, DType.FLOAT64), DType.FLOAT32),
            x -> torch.maskedFill(x, torch.mask(new int[] {1}, 1), 0),
            x -> torch.maskedMean(x, torch.mask(new int[] {1}, 1)),
            x -> torch.maskedMax(x, torch.mask(new int[] {1}, 1)));
    try (Scope _ = torch.openScope(Mode.GRADIENT)) {
      for (int i = 0; i < neutral.size(); i++) {
        Tensor parameter = torch.parameter(torch.full(1, Shape.of(1, 1, 3)));
        Tensor result = neutral.get(i).apply(parameter);
        float[] before = result.toFloats();
        torch.assign(parameter, torch.full(7, parameter.shape()));
        assertArrayEquals(before, result.toFloats(), "operation " + i);
      }
    }
  }

  @Test
  void nothingWorksAfterCloseButScopesStillRelease() {
    long before = TorchBackend.liveHandles();
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      Tensor x = floats(1);
      torch.close();
      assertThrows(IllegalStateException.class, () -> torch.affine(x, 1, 0));
      assertThrows(IllegalStateException.class, () -> torch.openScope(Mode.INFERENCE));
      assertEquals(before + 1, TorchBackend.liveHandles());
    }
    assertEquals(before, TorchBackend.liveHandles());
  }

  @Test
  void shapesBeyondTheAbiAreRefused() {
    try (Scope _ = torch.openScope(Mode.INFERENCE)) {
      Shape nine = Shape.of(1, 1, 1, 1, 1, 1, 1, 1, 1);
      assertThrows(IllegalArgumentException.class, () -> torch.full(1, nine));
    }
  }

  @Test
  void aDeviceIsKnownByItsIdAndResultsDependOnItsKind() {
    assertEquals(TestBackends.onCuda(), torch.deviceId().isPresent());
    try (Backend again = TorchBackend.open(torch.device(), 1, false)) {
      assertEquals(torch.deviceId(), again.deviceId());
      assertEquals(torch.engine(), again.engine());
    }
    assertFalse(torch.engine().contains("cuda:"), torch.engine());
  }

  @Test
  void theProviderSaysWhatRunsAndWhatDoesNot() {
    TorchProvider provider = new TorchProvider();
    String version = (String) provider.details().get("libTorch");
    if (provider.probe(Device.CPU) instanceof Available(String description)) {
      assertTrue(description.startsWith("LibTorch " + version), description);
    }
    try (Backend backend = provider.open(Device.CPU, 1)) {
      assertEquals(backend.engine() + ", 1 thread", backend.description());
    }
    if (provider.probe(new Device(Device.Kind.CUDA, 99))
        instanceof Unavailable(String cause, String remedy)) {
      assertTrue(cause.contains("CUDA"), cause);
      assertTrue(remedy.contains("--device"), remedy);
    }
  }

  private Tensor floatsAt(MemorySegment segment) {
    return torch.tensor(segment, DType.FLOAT32, Shape.of(2));
  }
}

package org.codonfuse.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch itself wrote. */
class TorchFileTest {
  private static final float[] SIX = {0, 1, 2, 3, 4, 5};

  @ParameterizedTest
  @ValueSource(
      strings = {"tensors-zip.pt", "tensors-zip64.pt", "tensors-legacy.pt", "tensors-protocol4.pt"})
  void readsEveryTypeAndLayout(String file) {
    try (TorchFile tensors = TorchFile.open(TorchBytes.written(file))) {
      Map<String, StoredType> floating =
          Map.of(
              "float64", StoredType.F64,
              "float32", StoredType.F32,
              "float16", StoredType.F16,
              "bfloat16", StoredType.BF16);
      floating.forEach(
          (name, type) -> {
            assertEquals(new TensorInfo(name, type, Shape.of(2, 3)), tensors.info(name));
            assertArrayEquals(SIX, tensors.floats(name), name);
          });
      Map<String, StoredType> integers =
          Map.of(
              "int64", StoredType.I64,
              "int32", StoredType.I32,
              "int16", StoredType.I16,
              "int8", StoredType.I8,
              "uint8", StoredType.U8);
      integers.forEach(
          (name, type) -> {
            assertEquals(new TensorInfo(name, type, Shape.of(2, 3)), tensors.info(name));
            assertArrayEquals(new long[] {0, 1, 2, 3, 4, 5}, tensors.longs(name), name);
          });
      assertArrayEquals(new long[] {1, 0, 1}, tensors.longs("bool"));
      assertArrayEquals(new float[] {7.5f}, tensors.floats("scalar"));
      assertEquals(Shape.of(), tensors.info("scalar").shape());
      assertEquals(Shape.of(0, 4), tensors.info("empty").shape());
      assertEquals(0, tensors.segment("empty").byteSize());
      assertArrayEquals(new float[] {0, 1, 2, 3}, tensors.floats("parameter"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tensors-zip.pt", "tensors-zip64.pt", "tensors-legacy.pt", "tensors-protocol4.pt"})
  void writesOutViewsInRowMajorOrder(String file) {
    try (TorchFile tensors = TorchFile.open(TorchBytes.written(file))) {
      float[] transposed = {0, 3, 1, 4, 2, 5};
      assertEquals(Shape.of(3, 2), tensors.info("transposed").shape());
      assertArrayEquals(transposed, tensors.floats("transposed"));
      assertArrayEquals(transposed, tensors.floats("transposed.half"));
      float[] permuted = new float[24];
      for (int i = 0; i < 24; i++) {
        permuted[i] = i / 6 + 4 * (i % 6);
      }
      assertEquals(Shape.of(4, 2, 3), tensors.info("permuted").shape());
      assertArrayEquals(permuted, tensors.floats("permuted"));
      assertArrayEquals(new float[] {1, 3, 5, 7}, tensors.floats("every.second"));
      assertArrayEquals(new float[] {0, 1, 2, 0, 1, 2}, tensors.floats("expanded"));
      assertArrayEquals(new float[] {4, 5, 6, 7, 8, 9}, tensors.floats("shared.part"));
      assertEquals(12, tensors.floats("shared.all").length);
    }
  }

  @Test
  void contiguousTensorsAreTheFileItself() {
    try (TorchFile tensors = TorchFile.open(TorchBytes.written("tensors-zip.pt"))) {
      MemorySegment whole = tensors.segment("shared.all");
      MemorySegment part = tensors.segment("shared.part");

      assertTrue(part.isMapped() && part.isReadOnly());
      assertEquals(16, part.address() - whole.address());
      assertFalse(tensors.segment("transposed").isMapped());
      assertTrue(tensors.segment("transposed").isReadOnly());
      assertEquals(
          tensors.segment("transposed").address(), tensors.segment("transposed").address());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"training-zip.pt", "training-legacy.pt"})
  void findsTheModelInATrainingCheckpoint(String file) {
    try (TorchFile checkpoint = TorchFile.open(TorchBytes.written(file))) {
      assertEquals(Set.of("0.weight", "0.bias", "1.weight", "1.bias"), checkpoint.names());
      assertArrayEquals(SIX, checkpoint.floats("0.weight"));
      assertEquals(
          Map.of(
              "args.arch", "tiny", "args.layers", "2", "args.dropout", "0.5", "args.tied", "false"),
          checkpoint.metadata());
    }
  }

  @Test
  void refusesAPickledModuleByTheNameOfItsClass() {
    Path file = TorchBytes.written("module.pt");

    String message =
        assertThrows(CodonfuseException.class, () -> TorchFile.open(file)).getMessage();

    assertTrue(message.startsWith(file + ": refused"), message);
    assertTrue(message.contains("\"torch.nn.modules.container.Sequential\""), message);
    assertTrue(message.contains("state_dict()"), message);
  }

  @Test
  void refusesWhatHoldsNoDictionaryOfTensors() {
    Path file = TorchBytes.written("list.pt");

    String message =
        assertThrows(CodonfuseException.class, () -> TorchFile.open(file)).getMessage();

    assertTrue(message.startsWith(file + ": no dictionary of tensors"), message);
  }

  @Test
  void refusesDataAfterCloseButStillDescribes() {
    TorchFile file = TorchFile.open(TorchBytes.written("tensors-zip.pt"));
    List<MemorySegment> segments = List.of(file.segment("float32"), file.segment("transposed"));

    file.close();
    file.close();

    for (MemorySegment segment : segments) {
      assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 0));
    }
    assertThrows(IllegalStateException.class, () -> file.segment("transposed"));
    assertEquals(24, file.info("float32").bytes());
  }

  @Test
  void namesTheTensorsThereAreForOneThatIsNot(@TempDir Path folder) {
    String pickle =
        TorchBytes.single(
            TorchBytes.tensor(
                TorchBytes.storage("0", 2), 0, TorchBytes.tuple(2), TorchBytes.tuple(1)));
    Path path = TorchBytes.write(folder.resolve("a.pt"), TorchBytes.archive(pickle, 8));
    try (TorchFile file = TorchFile.open(path)) {
      String message = assertThrows(CodonfuseException.class, () -> file.info("q")).getMessage();

      assertTrue(message.startsWith(path + ": no tensor \"q\"; take one that it holds (\"t\")"));
    }
  }
}

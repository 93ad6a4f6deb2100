package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Shape;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.ExportFormat;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.RowFile;
import org.codonfuse.embedding.store.Stores;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(TestBackends.TAG)
class StorePoolingTest {
  private static final float TOLERANCE = 1e-6f;

  @TempDir Path folder;

  private EmbeddingStore store(DType stored, Pooling pooling) {
    String[] letters =
        IntStream.range(0, 20).mapToObj(i -> "ACGU".repeat(1 + i % 13)).toArray(String[]::new);
    return EmbeddingStore.open(
        Stores.write(
            folder.resolve("store"), Stores.settings(stored, pooling, Optional.empty()), letters));
  }

  private Path pool(Backend backend, EmbeddingStore store, Pooling mode, ExportFormat format) {
    Path file = folder.resolve(mode.label() + "." + format.label());
    StorePooling.write(backend, store, store.entries(), mode, file, format, Progress.NONE);
    return file;
  }

  private static float[] expected(EmbeddingStore store, IndexEntry entry, Pooling mode) {
    float[] rows = new float[entry.rows() * store.width()];
    store.read(entry, rows, 0);
    float[] pooled = new float[store.width()];
    Arrays.fill(pooled, mode == Pooling.MAX ? Float.NEGATIVE_INFINITY : 0);
    for (int i = 0; i < rows.length; i++) {
      int column = i % pooled.length;
      pooled[column] =
          mode == Pooling.MAX
              ? Math.max(pooled[column], rows[i])
              : pooled[column] + rows[i] / entry.rows();
    }
    return pooled;
  }

  private static float[] expected(EmbeddingStore store, Pooling mode) {
    float[] all = new float[store.entries().size() * store.width()];
    for (int i = 0; i < store.entries().size(); i++) {
      float[] row = expected(store, store.entries().get(i), mode);
      System.arraycopy(row, 0, all, i * row.length, row.length);
    }
    return all;
  }

  @OnEveryBackend
  void theMeanAndTheMaximumAreThoseOfEverySequence(String name) throws IOException {
    for (DType stored : List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16)) {
      try (Backend backend = TestBackends.open(name);
          EmbeddingStore store = store(stored, Pooling.NONE)) {
        for (Pooling mode : List.of(Pooling.MEAN, Pooling.MAX)) {
          Path file = pool(backend, store, mode, ExportFormat.SAFETENSORS);
          try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            assertEquals(List.of(RowFile.TENSOR), List.copyOf(tensors.names()));
            assertEquals(Shape.of(20, Stores.WIDTH), tensors.info(RowFile.TENSOR).shape());
            assertArrayEquals(
                expected(store, mode), tensors.floats(RowFile.TENSOR), TOLERANCE, mode.label());
            assertTrue(
                tensors.metadata().get(RowFile.IDS).startsWith("[\"s0\",\"s1\","),
                tensors.metadata().toString());
          }
        }
      }
      org.codonfuse.io.AtomicFiles.deleteTree(folder.resolve("store"));
    }
  }

  @Test
  void everyFormatHasTheSameRows() throws IOException {
    try (Backend backend = TestBackends.open("scalar");
        EmbeddingStore store = store(DType.FLOAT16, Pooling.CODON)) {
      float[] expected = expected(store, Pooling.MEAN);

      List<String> lines = Files.readAllLines(pool(backend, store, Pooling.MEAN, ExportFormat.CSV));
      assertEquals("id,v0,v1,v2,v3,v4", lines.getFirst());
      assertEquals(21, lines.size());
      for (int i = 0; i < 20; i++) {
        List<String> cells = List.of(lines.get(i + 1).split(",", -1));
        assertEquals("s" + i, cells.getFirst());
        for (int v = 0; v < Stores.WIDTH; v++) {
          assertEquals(
              expected[i * Stores.WIDTH + v], Float.parseFloat(cells.get(v + 1)), TOLERANCE);
        }
      }

      byte[] npy = Files.readAllBytes(pool(backend, store, Pooling.MEAN, ExportFormat.NPY));
      ByteBuffer data = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
      int header = 10 + data.getShort(8);
      assertEquals(
          "{'descr': '<f4', 'fortran_order': False, 'shape': (20, 5), }",
          new String(npy, 10, header - 10, StandardCharsets.US_ASCII).strip());
      assertEquals(header + 4 * expected.length, npy.length);
      data.position(header);
      for (float value : expected) {
        assertEquals(value, data.getFloat(), TOLERANCE);
      }
    }
  }

  @Test
  void theRowOfTheSpecialTokenIsOnlyInStoresOfIt() {
    try (Backend backend = TestBackends.open("scalar");
        EmbeddingStore store = store(DType.FLOAT32, Pooling.CLS)) {
      Path file = pool(backend, store, Pooling.CLS, ExportFormat.SAFETENSORS);
      try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
        assertArrayEquals(expected(store, Pooling.CLS), tensors.floats(RowFile.TENSOR));
      }
      assertEquals(
          store.directory()
              + ": has one row for a sequence (--pool cls) where --mode mean takes those of its"
              + " tokens or codons; embed with --pool none.",
          failure(backend, store, Pooling.MEAN));
    }
  }

  @Test
  void storesOfTokensHaveNoRowOfTheSpecialToken() {
    try (Backend backend = TestBackends.open("scalar");
        EmbeddingStore store = store(DType.FLOAT32, Pooling.NONE)) {
      assertEquals(
          store.directory()
              + ": has no row of the special token (--pool none); embed with --pool cls.",
          failure(backend, store, Pooling.CLS));
    }
  }

  @Test
  void aSequenceWithoutRowsIsNamed() {
    AlignmentFixture fixture = new AlignmentFixture(folder, "AUGGCU", "AUG");
    try (Backend backend = TestBackends.open("scalar");
        EmbeddingStore store =
            fixture.store(
                AlignmentFixture.Spec.of(org.codonfuse.sequence.Molecule.RNA, DType.FLOAT32, 2),
                (sequence, _) -> sequence.id().equals("s1") ? 0 : 6)) {
      assertEquals(
          store.directory() + ": sequence 's1' has no rows to pool; leave it out with --ids.",
          failure(backend, store, Pooling.MEAN));
      StorePooling.write(
          backend,
          store,
          store.entries(List.of("s0")),
          Pooling.MEAN,
          folder.resolve("one.csv"),
          ExportFormat.CSV,
          Progress.NONE);
      assertTrue(Files.exists(folder.resolve("one.csv")));
    }
  }

  private String failure(Backend backend, EmbeddingStore store, Pooling mode) {
    String message =
        assertThrows(CodonfuseException.class, () -> pool(backend, store, mode, ExportFormat.NPY))
            .getMessage();
    assertTrue(Files.notExists(folder.resolve(mode.label() + ".npy")));
    return message;
  }
}

package org.codonfuse.embedding.store;

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
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.Sha256;
import org.codonfuse.weights.StoredType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreExportTest {
  private static final String[] LETTERS = {"A", "CC", "A", "GGG"};

  @TempDir private Path folder;

  private EmbeddingStore store(DType type, Pooling pooling) {
    StoreManifest settings = Stores.settings(type, pooling, Optional.empty());
    return EmbeddingStore.open(Stores.write(folder.resolve("store"), settings, LETTERS));
  }

  private Path export(StoreExport export, ExportFormat format) {
    Path file = folder.resolve("rows." + format.label());
    export.write(file, format, Progress.NONE);
    return file;
  }

  private static float[] values(EmbeddingStore store, String letters) {
    return Stores.values(store.manifest(), Sha256.of(letters));
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, F32", "BFLOAT16, BF16", "FLOAT16, F16"})
  void safetensorsHasATensorForEverySequence(DType type, StoredType stored) {
    try (EmbeddingStore store = store(type, Pooling.NONE);
        SafetensorsFile file =
            SafetensorsFile.open(
                export(StoreExport.of(store, store.entries()), ExportFormat.SAFETENSORS))) {
      assertEquals(Set.of("s0", "s1", "s2", "s3"), file.names());
      for (int i = 0; i < LETTERS.length; i++) {
        float[] expected = values(store, LETTERS[i]);
        assertEquals(stored, file.info("s" + i).type());
        assertEquals(5, file.info("s" + i).shape().dim(1));
        assertArrayEquals(expected, file.floats("s" + i));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, <f4, 4", "BFLOAT16, <f4, 4", "FLOAT16, <f2, 2"})
  void npyHasARowForEverySequence(DType type, String descr, int bytes) throws IOException {
    try (EmbeddingStore store = store(type, Pooling.MEAN)) {
      byte[] npy =
          Files.readAllBytes(export(StoreExport.of(store, store.entries()), ExportFormat.NPY));

      ByteBuffer data = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
      int header = 10 + data.getShort(8);
      String text = new String(npy, 10, header - 10, StandardCharsets.US_ASCII);
      assertArrayEquals(
          new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}, Arrays.copyOf(npy, 8));
      assertEquals(0, header % 64);
      assertEquals(
          "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (4, 5), }", text.strip());
      assertTrue(text.endsWith("\n"));
      assertEquals(header + 4 * 5 * bytes, npy.length);
      data.position(header);
      for (String letters : LETTERS) {
        for (float expected : values(store, letters)) {
          assertEquals(
              expected, bytes == 4 ? data.getFloat() : Float.float16ToFloat(data.getShort()));
        }
      }
    }
  }

  @Test
  void csvHasALineForEveryRow() throws IOException {
    try (EmbeddingStore store = store(DType.FLOAT16, Pooling.NONE)) {
      List<String> lines =
          Files.readAllLines(export(StoreExport.of(store, store.entries()), ExportFormat.CSV));

      assertEquals("id,row,v0,v1,v2,v3,v4", lines.getFirst());
      int line = 1;
      for (int i = 0; i < LETTERS.length; i++) {
        float[] values = values(store, LETTERS[i]);
        for (int row = 0; row < values.length / 5; row++) {
          StringBuilder expected = new StringBuilder("s" + i + "," + row);
          for (int v = 0; v < 5; v++) {
            expected.append(',').append(values[5 * row + v]);
          }
          assertEquals(expected.toString(), lines.get(line++));
        }
      }
      assertEquals(line, lines.size());
    }
  }

  @Test
  void exportsChosenSequencesInTheOrderOfTheInput() throws IOException {
    try (EmbeddingStore store = store(DType.FLOAT32, Pooling.CLS)) {
      StoreExport export = StoreExport.of(store, store.entries(List.of("s3", "s1")));

      List<String> lines = Files.readAllLines(export(export, ExportFormat.CSV));

      assertEquals(2, export.sequences());
      assertEquals(List.of("id", "s1", "s3"), lines.stream().map(l -> l.split(",")[0]).toList());
      String message =
          assertThrows(CodonfuseException.class, () -> store.entries(List.of("s1", "x")))
              .getMessage();
      assertEquals(store.directory() + ": has no sequence 'x'; its ids are in index.csv.", message);
    }
  }

  @Test
  void refusesWhatAFormatCannotHold() throws IOException {
    List<NamedSequence> input =
        List.of(
            new NamedSequence("same", Sha256.of("A")), new NamedSequence("same", Sha256.of("CC")));
    Path directory = folder.resolve("twins");
    Stores.write(directory, Stores.settings(), List.of(Stores.hashes("A", "CC")), input);
    try (EmbeddingStore twins = EmbeddingStore.open(directory);
        EmbeddingStore tokens = store(DType.FLOAT32, Pooling.NONE)) {
      assertEquals(
          directory
              + ": has two sequences 'same', and safetensors files name tensors by id; use"
              + " --format csv.",
          failure(twins, ExportFormat.SAFETENSORS));
      String npy = failure(tokens, ExportFormat.NPY);
      assertTrue(npy.contains(" rows where npy holds one a sequence; use --format "), npy);
    }
    assertEquals(Set.of(), Set.copyOf(files()));
  }

  @Test
  void anIdThatNamesNoTensorIsOneSentence() throws IOException {
    List<NamedSequence> input = List.of(new NamedSequence("__metadata__", Sha256.of("A")));
    Path directory = folder.resolve("reserved");
    Stores.write(directory, Stores.settings(), List.of(Stores.hashes("A")), input);
    try (EmbeddingStore store = EmbeddingStore.open(directory)) {
      assertEquals(
          directory
              + ": the ids cannot all be names of tensors in one file (No tensor can be named"
              + " \"__metadata__\"); use --format csv.",
          failure(store, ExportFormat.SAFETENSORS));
    }
    assertEquals(List.of(), files());
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
    }
  }

  private String failure(EmbeddingStore store, ExportFormat format) {
    return assertThrows(
            CodonfuseException.class, () -> export(StoreExport.of(store, store.entries()), format))
        .getMessage();
  }

  @Test
  void aDamagedPartLeavesNoFile() throws IOException {
    try (EmbeddingStore store = store(DType.FLOAT32, Pooling.NONE)) {
      Files.delete(store.directory().resolve("part-00001.safetensors"));
      for (ExportFormat format : ExportFormat.values()) {
        String message =
            format == ExportFormat.NPY ? failure(store, ExportFormat.CSV) : failure(store, format);
        assertTrue(message.contains("part-00001.safetensors: cannot be read (no such"), message);
      }
    }
    assertEquals(List.of(), files());
  }
}

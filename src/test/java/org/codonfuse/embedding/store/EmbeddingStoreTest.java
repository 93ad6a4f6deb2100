package org.codonfuse.embedding.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.codonfuse.compute.DType;
import org.codonfuse.weights.Sha256;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EmbeddingStoreTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16", "FLOAT16"})
  void readsWhatWasWritten(DType type) {
    StoreManifest settings = Stores.settings(type, Pooling.NONE, Optional.empty());
    Path directory = Stores.write(folder.resolve("s"), settings, "A", "CC", "A", "GGG", "U");

    try (EmbeddingStore store = EmbeddingStore.open(directory)) {
      assertEquals(
          List.of("s0", "s1", "s2", "s3", "s4"),
          store.entries().stream().map(IndexEntry::id).toList());
      for (IndexEntry entry : store.entries()) {
        float[] expected = Stores.values(settings, entry.sha256());
        float[] read = new float[expected.length + 2];
        store.read(entry, read, 1);
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], read[1 + i]);
        }
        assertEquals(0, read[0] + read[expected.length + 1]);
        assertEquals(-1, Stores.stored(settings, expected).mismatch(store.rows(entry)));
      }
      assertEquals(store.entries().getFirst(), store.find(Sha256.of("A")).orElseThrow());
      assertEquals(Optional.empty(), store.find(Sha256.of("C")));
    }
  }
}

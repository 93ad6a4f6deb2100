package org.codonfuse.embedding.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.io.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreMergeTest {
  @TempDir private Path folder;

  private Path shard(int index, int count, Pooling pooling, String... letters) {
    StoreManifest settings =
        Stores.settings(DType.FLOAT32, pooling, Optional.of(new StoreManifest.Shard(index, count)));
    Path directory = folder.resolve("s.shard-" + index + "-of-" + count + "-" + pooling.label());
    return Stores.write(directory, settings, letters);
  }

  private Path shard(int index, int count, String... letters) {
    return shard(index, count, Pooling.NONE, letters);
  }

  private Path merge(Path... shards) {
    Path output = folder.resolve("merged");
    StoreMerge.write(output, List.of(shards), Progress.NONE);
    return output;
  }

  private String failure(Path... shards) {
    String message = assertThrows(CodonfuseException.class, () -> merge(shards)).getMessage();
    assertTrue(Files.notExists(folder.resolve("merged")));
    return message;
  }

  @Test
  void joinsShardsInTheOrderOfTheirNumbers() {
    Path first = shard(1, 3, "A", "CC", "A", "GGG");
    Path second = shard(2, 3, "CC", "U");
    Path third = shard(3, 3, "UUUU");

    Path merged = merge(third, first, second);

    List<String> letters = List.of("A", "CC", "A", "GGG", "CC", "U", "UUUU");
    try (EmbeddingStore store = EmbeddingStore.open(merged)) {
      assertEquals(
          Stores.hashes(letters.toArray(String[]::new)),
          store.entries().stream().map(IndexEntry::sha256).toList());
      assertEquals(
          List.of("s0", "s1", "s2", "s3", "s0", "s1", "s0"),
          store.entries().stream().map(IndexEntry::id).toList());
      assertEquals(store.entries().get(1).part(), store.entries().get(4).part());
      for (IndexEntry entry : store.entries()) {
        float[] expected = Stores.values(store.manifest(), entry.sha256());
        float[] read = new float[expected.length];
        store.read(entry, read, 0);
        assertTrue(Arrays.equals(expected, read));
      }
      assertEquals(Optional.empty(), store.manifest().share());
      Map<String, Long> counts = store.manifest().counts();
      assertEquals(
          List.of(7L, 5L, 4L, 3L),
          List.of(
              counts.get("sequences"),
              counts.get("unique"),
              counts.get("parts"),
              counts.get("truncated")));
    }
    assertEquals(List.of(), StoreVerification.of(merged, Progress.NONE));
  }

  @Test
  void partsAreNotCopiedWhereTheyCanHaveAnotherName() throws IOException {
    Path merged = merge(shard(1, 2, "A"), shard(2, 2, "CC"));

    assertEquals(2, Files.getAttribute(merged.resolve("part-00001.safetensors"), "unix:nlink"));
  }

  @Test
  void anInterruptedMergeGoesOn() throws IOException {
    Path first = shard(1, 2, "A", "CC", "GGG");
    Path second = shard(2, 2, "U");
    Path merged = merge(first, second);
    Map<String, String> expected = Stores.content(merged);
    Files.delete(merged.resolve("part-00001.safetensors"));
    Files.delete(merged.resolve("index.csv"));
    Files.writeString(merged.resolve(".part-00001.safetensors.new.part"), "half");

    merge(first, second);

    assertEquals(expected, Stores.content(merged));
  }

  @Test
  void namesMissingAndDoubleShards() throws IOException {
    Path first = shard(1, 3, "A");
    Path third = shard(3, 3, "U");
    Path copy = folder.resolve("copy");
    Files.createDirectory(copy);
    for (String file : List.of("manifest.json", "index.csv", "part-00000.safetensors")) {
      Files.copy(first.resolve(file), copy.resolve(file));
    }

    assertEquals(
        "Shard 2/3 is missing (2 were given); add it, or embed it first.", failure(first, third));
    assertEquals(
        copy + ": is shard 1/3, as is " + first + "; leave one of them out.",
        failure(first, copy, third));
  }

  @Test
  void refusesWhatDoesNotBelongTogether() {
    Path first = shard(1, 2, "A");
    Path whole = Stores.write(folder.resolve("whole"), Stores.settings(), "A");
    Path pooled = shard(2, 2, Pooling.MEAN, "A");
    Path ofThree = shard(2, 3, "U");

    assertEquals(whole + ": is a whole store, not a shard; leave it out.", failure(first, whole));
    assertEquals(
        ("%s: does not belong to %s (--pool is mean where the store has none); merge the"
                + " shards of one store.")
            .formatted(pooled, first),
        failure(first, pooled));
    assertEquals(
        "%s: is shard 2/3 where %s is shard 1/2; merge the shards of one store."
            .formatted(ofThree, first),
        failure(first, ofThree));
  }

  @Test
  void refusesIncompleteShardsAndOutputsThatAreSomethingElse() {
    Path first = shard(1, 2, "A");
    Path second = folder.resolve("incomplete");
    StoreManifest settings =
        Stores.settings(DType.FLOAT32, Pooling.NONE, Optional.of(new StoreManifest.Shard(2, 2)));
    StoreWriter.open(second, settings, List.of(Stores.hashes("U"))).close();

    assertTrue(failure(first, second).startsWith(second + ": is not complete (0 of 1 parts"));

    Stores.write(second, settings, "U");
    String message =
        assertThrows(
                CodonfuseException.class,
                () -> StoreMerge.write(first, List.of(first, second), Progress.NONE))
            .getMessage();
    assertTrue(message.contains("--shard is 1/1 where the store has 1/2"), message);
  }
}

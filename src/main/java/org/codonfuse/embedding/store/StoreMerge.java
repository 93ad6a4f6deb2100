package org.codonfuse.embedding.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.Progress;

/** Joins the shards of a store. */
public final class StoreMerge {
  private static final Set<String> OWN_COUNTS =
      Set.of(
          StoreManifest.SEQUENCES, StoreManifest.UNIQUE, StoreManifest.ROWS, StoreManifest.PARTS);

  private StoreMerge() {}

  private record SourcePart(Path file, List<StoredSequence> sequences) {}

  /**
   * Writes the store whose shards these are, in the order of their numbers. Parts are taken as they
   * are, without reading their rows: as another name for the same file where the file system can.
   * Of sequences in several shards the index names the first. If it is interrupted, the same call
   * goes on.
   *
   * @param shards complete stores, in any order
   * @throws CodonfuseException if a shard is missing, there twice, incomplete, damaged or of other
   *     settings, or the store cannot be written
   */
  public static void write(Path output, List<Path> shards, Progress progress) {
    List<EmbeddingStore> stores = new ArrayList<>();
    try {
      shards.forEach(shard -> stores.add(EmbeddingStore.open(shard)));
      requireAll(stores);
      stores.sort(Comparator.comparingInt(store -> store.manifest().shard().index()));
      merge(output, stores, progress);
    } finally {
      stores.forEach(EmbeddingStore::close);
    }
  }

  private static void requireAll(List<EmbeddingStore> stores) {
    Map<Integer, Path> found = new LinkedHashMap<>();
    EmbeddingStore first = stores.getFirst();
    for (EmbeddingStore store : stores) {
      if (store.manifest().shard() == null) {
        throw new CodonfuseException(
            store.directory() + ": is a whole store, not a shard; leave it out.");
      }
      List<String> differences = whole(store).differences(whole(first));
      if (!differences.isEmpty()) {
        throw new CodonfuseException(
            "%s: does not belong to %s (%s); merge the shards of one store."
                .formatted(store.directory(), first.directory(), String.join("; ", differences)));
      }
      StoreManifest.Shard shard = store.manifest().shard();
      if (shard.count() != first.manifest().shard().count()) {
        throw new CodonfuseException(
            "%s: is shard %s where %s is shard %s; merge the shards of one store."
                .formatted(store.directory(), shard, first.directory(), first.manifest().shard()));
      }
      Path other = found.putIfAbsent(shard.index(), store.directory());
      if (other != null) {
        throw new CodonfuseException(
            "%s: is shard %s, as is %s; leave one of them out."
                .formatted(store.directory(), shard, other));
      }
    }
    int count = first.manifest().shard().count();
    for (int index = 1; index <= count; index++) {
      if (!found.containsKey(index)) {
        throw new CodonfuseException(
            "Shard %d/%d is missing (%d were given); add it, or embed it first."
                .formatted(index, count, stores.size()));
      }
    }
  }

  private static StoreManifest whole(EmbeddingStore store) {
    return store.manifest().with(null, false, Map.of());
  }

  private static void merge(Path output, List<EmbeddingStore> stores, Progress progress) {
    List<SourcePart> parts = new ArrayList<>();
    List<NamedSequence> input = new ArrayList<>();
    Map<String, Long> counts = new LinkedHashMap<>();
    for (EmbeddingStore store : stores) {
      for (int number = 0; number < store.manifest().count(StoreManifest.PARTS); number++) {
        parts.add(source(store, number, parts.size()));
      }
      store.entries().forEach(entry -> input.add(new NamedSequence(entry.id(), entry.sha256())));
      store.manifest().counts().forEach((name, count) -> counts.merge(name, count, Long::sum));
    }
    counts.keySet().removeAll(OWN_COUNTS);
    List<List<String>> plan =
        parts.stream()
            .map(part -> part.sequences().stream().map(StoredSequence::sha256).toList())
            .toList();
    try (StoreWriter writer = StoreWriter.open(output, whole(stores.getFirst()), plan);
        Progress.Task task = progress.start("Merging parts", parts.size())) {
      BitSet done = writer.done();
      for (int number = 0; number < parts.size(); number++) {
        if (!done.get(number)) {
          SourcePart part = parts.get(number);
          writer.adopt(number, part.file(), part.sequences());
        }
        task.step(1);
      }
      writer.finish(input, counts);
    }
  }

  private static SourcePart source(EmbeddingStore store, int number, int newNumber) {
    Path file = StoreFiles.part(store.directory(), number);
    try (PartFile part = PartFile.open(file, store.type(), store.width())) {
      return new SourcePart(file, part.sequences(newNumber));
    }
  }
}

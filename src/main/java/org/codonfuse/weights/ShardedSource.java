package org.codonfuse.weights;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tensors of a checkpoint in several files. */
final class ShardedSource implements TensorSource {
  private static final Logger LOG = LoggerFactory.getLogger(ShardedSource.class);

  private final Path index;
  private final Map<String, TensorSource> files;
  private final Map<String, TensorSource> tensors;

  private ShardedSource(
      Path index, Map<String, TensorSource> files, Map<String, TensorSource> tensors) {
    this.index = index;
    this.files = files;
    this.tensors = tensors;
  }

  /**
   * Opens all files that an index names.
   *
   * @throws CodonfuseException if one is missing or damaged, or holds other tensors than the index
   *     says
   */
  static ShardedSource open(Path path, ShardIndex index) {
    Map<String, TensorSource> files = new LinkedHashMap<>();
    try {
      for (String name : new LinkedHashSet<>(index.shards().values())) {
        files.put(name, Checkpoint.openFile(path.resolveSibling(name)));
      }
      Map<String, TensorSource> tensors = tensors(path, index, files);
      long bytes = tensors.keySet().stream().mapToLong(n -> tensors.get(n).info(n).bytes()).sum();
      index
          .totalBytes()
          .ifPresent(
              total -> {
                // Some published indexes count otherwise; every tensor was checked by itself.
                if (total != bytes) {
                  LOG.warn("{}: total_size is {}, but the tensors take {}.", path, total, bytes);
                }
              });
      return new ShardedSource(path, files, tensors);
    } catch (RuntimeException | Error e) {
      files.values().forEach(TensorSource::close);
      throw e;
    }
  }

  private static Map<String, TensorSource> tensors(
      Path path, ShardIndex index, Map<String, TensorSource> files) {
    Map<String, TensorSource> tensors = new LinkedHashMap<>();
    files.forEach(
        (file, source) -> {
          for (String name : source.names()) {
            String expected = index.shards().get(name);
            if (!file.equals(expected)) {
              throw SafetensorsHeader.damaged(
                  path,
                  "tensor %s is in %s, where the index %s"
                      .formatted(
                          Names.quoted(name),
                          file,
                          expected == null ? "does not list it" : "says " + expected));
            }
            tensors.put(name, source);
          }
        });
    index
        .shards()
        .forEach(
            (name, file) -> {
              if (!tensors.containsKey(name)) {
                throw SafetensorsHeader.damaged(
                    path,
                    "tensor %s is not in %s, where the index says it is"
                        .formatted(Names.quoted(name), file));
              }
            });
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public Path path() {
    return index;
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public Map<String, String> metadata() {
    return files.values().iterator().next().metadata();
  }

  @Override
  public TensorInfo info(String name) {
    return source(name).info(name);
  }

  @Override
  public MemorySegment segment(String name) {
    return source(name).segment(name);
  }

  private TensorSource source(String name) {
    TensorSource source = tensors.get(name);
    if (source == null) {
      throw Names.missing(this, name);
    }
    return source;
  }

  @Override
  public void close() {
    files.values().forEach(TensorSource::close);
  }
}

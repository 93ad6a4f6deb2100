package org.codonfuse.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/**
 * The weights of a model as they are published: one safetensors or PyTorch file, or several with an
 * index.
 *
 * @param path the file to open: the weights, or the index
 * @param files all files that the weights are read from, the index first
 */
public record Checkpoint(Path path, List<Path> files) {
  private static final String INDEX = ".index.json";

  /** What is looked for by name, in this order; safetensors hold no code that must be refused. */
  public static final List<String> NAMES =
      List.of(
          "model.safetensors",
          "model.safetensors" + INDEX,
          "pytorch_model.bin",
          "pytorch_model.bin" + INDEX);

  /** Copies the list. */
  public Checkpoint {
    files = List.copyOf(files);
  }

  /**
   * Finds the weights in a model directory: {@code model.safetensors}, else {@code
   * model.safetensors.index.json}, else {@code pytorch_model.bin} or its index, else the one {@code
   * *.pth} or {@code *.pt} there.
   *
   * @throws CodonfuseException if there are none, or several of the last kind, or an index is
   *     damaged
   */
  public static Checkpoint find(Path directory) {
    for (String name : NAMES) {
      Path path = directory.resolve(name);
      // A dangling link is a file that is missing, not a reason to look for another.
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        return of(path);
      }
    }
    List<Path> others = torchFiles(directory);
    if (others.size() > 1) {
      throw new CodonfuseException(
          "%s: several weight files (%s) and no model.safetensors; leave the one to be read."
              .formatted(
                  directory,
                  others.stream()
                      .map(path -> path.getFileName().toString())
                      .collect(Collectors.joining(", "))));
    }
    if (others.isEmpty()) {
      throw new CodonfuseException(
          directory.resolve(NAMES.getFirst())
              + ": no such file, nor "
              + String.join(", ", NAMES.subList(1, NAMES.size()))
              + ", *.pth or *.pt beside it; give a model directory with weights.");
    }
    return of(others.getFirst());
  }

  /**
   * The weights in a file, which may be the index of several.
   *
   * @throws CodonfuseException if it is an index that is damaged
   */
  public static Checkpoint of(Path file) {
    List<Path> files = new ArrayList<>(List.of(file));
    if (isIndex(file)) {
      shards(file).forEach(shard -> files.add(file.resolveSibling(shard)));
    }
    return new Checkpoint(file, files);
  }

  /**
   * The names of the files, all beside it, that an index says the tensors are in.
   *
   * @throws CodonfuseException if it is damaged, or names anything else
   */
  public static List<String> shards(Path index) {
    return List.copyOf(new LinkedHashSet<>(ShardIndex.read(index).shards().values()));
  }

  /**
   * Opens the weights; the caller closes them.
   *
   * @throws CodonfuseException that names the file and what is wrong with it
   */
  public TensorSource open() {
    return isIndex(path) ? ShardedSource.open(path, ShardIndex.read(path)) : openFile(path);
  }

  static TensorSource openFile(Path file) {
    return name(file).endsWith(".safetensors") ? SafetensorsFile.open(file) : TorchFile.open(file);
  }

  private static List<Path> torchFiles(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(entry -> name(entry).endsWith(".pth") || name(entry).endsWith(".pt"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw AtomicFiles.unreadable(directory, e);
    }
  }

  /** Whether a file is by its name an index of several. */
  public static boolean isIndex(Path file) {
    return name(file).endsWith(INDEX);
  }

  private static String name(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT);
  }
}

package org.codonfuse.compute.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * LibTorch's libraries in this process, where the system tells: Linux does.
 *
 * @param files the loaded ones
 */
record LoadedLibraries(NavigableSet<Path> files) {
  private static final String CUDA = "libtorch_cuda.so";
  private static final Pattern MAPPED =
      Pattern.compile(".*?(/.*/lib(?:torch|torch_cpu|torch_cuda|c10|c10_cuda)\\.so)");

  /** Looks at the process. */
  static LoadedLibraries now() {
    try (Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
      return of(mappings);
    } catch (IOException _) {
      return new LoadedLibraries(new TreeSet<>());
    }
  }

  /** Reads the lines of {@code /proc/self/maps}. */
  static LoadedLibraries of(Stream<String> mappings) {
    NavigableSet<Path> files = new TreeSet<>();
    mappings
        .map(MAPPED::matcher)
        .filter(Matcher::matches)
        .map(matcher -> Path.of(matcher.group(1)))
        .forEach(files::add);
    return new LoadedLibraries(files);
  }

  /** The folders of the libraries; of a LibTorch that is whole there is one. */
  NavigableSet<Path> directories() {
    NavigableSet<Path> directories = new TreeSet<>();
    files.forEach(file -> directories.add(file.getParent()));
    return directories;
  }

  /** The folder that LibTorch was loaded from. */
  Optional<Path> directory() {
    return files.stream()
        .filter(file -> file.endsWith("libtorch_cpu.so"))
        .findFirst()
        .map(Path::getParent);
  }

  /** Whether LibTorch's CUDA library is beside it, loaded or not. */
  boolean hasCuda() {
    return directory().map(folder -> Files.exists(folder.resolve(CUDA))).orElse(false);
  }

  /** Whether LibTorch's CUDA library is loaded. */
  boolean hasLoadedCuda() {
    return files.stream().anyMatch(file -> file.endsWith(CUDA));
  }
}

package org.codonfuse.training.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.Example;

/** A CSV file of predictions: id, prediction and, for classes, the probability of each. */
public final class PredictionFile {
  private PredictionFile() {}

  /**
   * Fails early where {@link #write} would fail in the end.
   *
   * @throws UsageException if the file could not be written
   */
  public static void requireWritable(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw new UsageException(file + ": is a directory; name a file for --output.");
    }
    if (!Files.isDirectory(parent) || !Files.isWritable(parent)) {
      throw new UsageException(
          file + ": the directory " + parent + " cannot be written to; choose another --output.");
    }
  }

  /**
   * Writes predictions.
   *
   * @param outputs raw outputs [example][output]
   */
  public static void write(Path file, Outputs meaning, List<Example> examples, double[][] outputs) {
    write(file, List.of("id"), example -> List.of(example.id()), meaning, examples, outputs);
  }

  /** The same with the split and the target of every example. */
  static void writeWithTargets(
      Path file, Outputs meaning, List<Example> examples, double[][] outputs) {
    write(
        file,
        List.of("id", "split", "target"),
        example -> List.of(example.id(), example.split().label(), meaning.target(example)),
        meaning,
        examples,
        outputs);
  }

  private static void write(
      Path file,
      List<String> columns,
      Function<Example, List<String>> cells,
      Outputs meaning,
      List<Example> examples,
      double[][] outputs) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < outputs.length; i++) {
      rows.add(joined(cells.apply(examples.get(i)), meaning.cells(outputs[i])));
    }
    RunFiles.writeCsv(file, joined(columns, meaning.columns()), rows);
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}

package org.codonfuse.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.UsageException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.sequence.Example;

/** A CSV file of predictions: id, prediction and, for classes, the probability of each. */
public final class PredictionFile {
  private PredictionFile() {}

  /**
   * Fails early where {@link #write} would fail in the end, or destroy what it reads.
   *
   * @param run the run that predicts
   * @param input the sequences
   * @throws UsageException if the file could not or must not be written
   */
  public static void requireWritable(Path file, Path run, Path input) {
    Path parent = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw new UsageException(file + ": is a directory; name a file for --output.");
    }
    if (!Files.isDirectory(parent) || !Files.isWritable(parent)) {
      throw new UsageException(
          file + ": the directory " + parent + " cannot be written to; choose another --output.");
    }
    try {
      Path place = AtomicFiles.replaceable(file);
      if (Files.exists(input) && place.equals(input.toRealPath())) {
        throw new UsageException(file + ": is the input; name another file for --output.");
      }
      if (Files.isDirectory(run) && parent.toRealPath().equals(run.toRealPath())) {
        throw new UsageException(file + ": lies in the run; name another file for --output.");
      }
    } catch (IOException e) {
      throw new UsageException(
          file + ": cannot be written (" + AtomicFiles.reason(e) + "); choose another --output.");
    }
  }

  /**
   * Writes predictions.
   *
   * @param outputs raw outputs [example][output]
   */
  public static void write(Path file, Outputs meaning, List<Example> examples, double[][] outputs) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < outputs.length; i++) {
      rows.add(joined(List.of(examples.get(i).id()), meaning.cells(outputs[i])));
    }
    RunFiles.writeCsv(file, joined(List.of("id"), meaning.columns()), rows);
  }

  /** The same with the split and the targets of every example. */
  static void writeWithTargets(
      Path file, Outputs meaning, List<Example> examples, double[][] outputs) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < outputs.length; i++) {
      Example example = examples.get(i);
      rows.add(
          joined(
              List.of(example.id(), example.split().label()), meaning.cells(example, outputs[i])));
    }
    RunFiles.writeCsv(file, joined(List.of("id", "split"), meaning.columnsWithTargets()), rows);
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}

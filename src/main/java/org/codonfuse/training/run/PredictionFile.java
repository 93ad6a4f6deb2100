package org.codonfuse.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.UsageException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.CsvFile;
import org.codonfuse.sequence.Example;

/** A CSV file of predictions: id, prediction and, for classes, the probability of each. */
public final class PredictionFile {
  private PredictionFile() {}

  /**
   * Fails early where {@link #write} would fail in the end, or destroy what it reads.
   *
   * @param runs the runs that predict
   * @param input the sequences
   * @throws UsageException if the file could not or must not be written
   */
  public static void requireWritable(Path file, List<Path> runs, Path input) {
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
      for (Path run : runs) {
        if (Files.isDirectory(run) && parent.toRealPath().equals(run.toRealPath())) {
          throw new UsageException(file + ": lies in the run; name another file for --output.");
        }
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
    write(file, new Ensemble.Predictions(meaning, outputs, new double[0][], List.of()), examples);
  }

  /** Writes predictions and, of several models, their spread. */
  public static void write(Path file, Ensemble.Predictions predictions, List<Example> examples) {
    Outputs meaning = predictions.outputs();
    double[][] spread = predictions.spread();
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < predictions.raw().length; i++) {
      List<String> cells =
          joined(List.of(examples.get(i).id()), meaning.cells(predictions.raw()[i]));
      rows.add(
          spread.length == 0
              ? cells
              : joined(cells, Arrays.stream(spread[i]).mapToObj(Double::toString).toList()));
    }
    List<String> columns = joined(List.of("id"), meaning.columns());
    CsvFile.write(
        file, spread.length == 0 ? columns : joined(columns, meaning.spreadColumns()), rows);
  }

  /** The same with the split and the targets of every example. */
  public static void writeWithTargets(
      Path file, Outputs meaning, List<Example> examples, double[][] outputs) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < outputs.length; i++) {
      Example example = examples.get(i);
      rows.add(
          joined(
              List.of(example.id(), example.split().label()), meaning.cells(example, outputs[i])));
    }
    CsvFile.write(file, joined(List.of("id", "split"), meaning.columnsWithTargets()), rows);
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}

package org.codonfuse.training.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    List<String> columns = new ArrayList<>(List.of("id"));
    columns.addAll(meaning.columns());
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < outputs.length; i++) {
      List<String> row = new ArrayList<>(List.of(examples.get(i).id()));
      row.addAll(meaning.cells(outputs[i]));
      rows.add(row);
    }
    RunFiles.writeCsv(file, columns, rows);
  }
}

package org.codonfuse.report;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.weights.Sha256;

/**
 * How long the sequences of a run are, which only the file of its data says.
 *
 * @param codons by row of the predictions, NaN for a row that the file does not have
 * @param absent a sentence that says why they are not known; empty if they are
 */
record SequenceLengths(double[] codons, String absent) {
  static SequenceLengths of(ReportRun run) {
    try {
      Path file = Path.of(run.origin().file());
      if (!Files.isRegularFile(file)) {
        return absent("The file is not there any more");
      }
      if (!Sha256.of(file).equals(run.origin().sha256())) {
        return absent("The file has changed since");
      }
      Dataset dataset =
          Dataset.loadUnlabelled(
              file,
              ReadOptions.detect(),
              DatasetOptions.evaluation(run.outputs().task(), run.outputs().classes()));
      return new SequenceLengths(codons(run.predictions().ids(), dataset), "");
    } catch (InvalidPathException _) {
      return absent("The file is not on this machine");
    } catch (CodonfuseException _) {
      return absent("The file cannot be read without the options of the training");
    }
  }

  private static double[] codons(List<String> ids, Dataset dataset) {
    Map<String, Integer> lengths = new HashMap<>();
    for (Example example : dataset.examples()) {
      lengths.put(example.id(), example.sequence().codons());
    }
    double[] codons = new double[ids.size()];
    Arrays.setAll(
        codons, i -> lengths.containsKey(ids.get(i)) ? lengths.get(ids.get(i)) : Double.NaN);
    return codons;
  }

  private static SequenceLengths absent(String why) {
    return new SequenceLengths(new double[0], why + ", so lengths are left out.");
  }

  boolean isAbsent() {
    return !absent.isEmpty();
  }
}

package org.codonfuse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.metrics.MetricReport;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.PredictionFile;
import org.codonfuse.training.run.RunConfig;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.SavedRun;
import org.codonfuse.training.run.StreamInput;

/**
 * The part of {@code demo} that needs no gradients: the fused model that was trained, now or
 * earlier, predicts for sequences that it has not seen.
 *
 * @param output the directory of the demonstration
 * @param sequences how many to predict for
 */
record DemoPrediction(Path output, int sequences) {
  /**
   * What came of it.
   *
   * @param run the model
   * @param input the new sequences
   * @param predictions what was predicted for them
   * @param backend name and description of what computed
   * @param seconds for embeddings and predictions, without loading the model
   * @param report against the known target
   */
  record Result(
      Path run, Path input, Path predictions, String backend, double seconds, MetricReport report) {
    double sequencesPerSecond() {
      return report.n() / seconds;
    }

    /** For {@code --json}. */
    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("run", run.toString());
      map.put("input", input.toString());
      map.put("output", predictions.toString());
      map.put("backend", backend);
      map.put("seconds", seconds);
      map.put("sequences_per_second", sequencesPerSecond());
      map.put("test", report.toMap());
      return map;
    }

    /** For people. */
    List<String> lines() {
      MetricReport.Metric spearman = report.metrics().get("spearman");
      return List.of(
          String.format(
              Locale.ROOT,
              "%d new sequences, predicted by the backend %s: %.0f sequences/s, Spearman %s %s",
              report.n(),
              backend,
              sequencesPerSecond(),
              MetricsTable.number(spearman.value()),
              MetricsTable.interval(spearman)),
          "They are in %s, the predictions in %s.".formatted(input, predictions));
    }
  }

  /** Where the demonstration's data are in its directory. */
  static Path data(Path output) {
    return output.resolve("synthetic.csv");
  }

  /** Where its encoder is. */
  static Path encoder(Path output, Molecule molecule) {
    return output.resolve("encoders").resolve(molecule.label());
  }

  /** Where it keeps the embeddings of its data. */
  static Path embeddings(Path output) {
    return output.resolve("embeddings");
  }

  /** Where a model of it is. */
  static Path run(Path output, String fusion) {
    return output.resolve("runs").resolve(fusion);
  }

  /** The model that predicts. */
  Path run() {
    return run(output, FusionConfig.CONCAT);
  }

  /** Whether there is a model to predict with. */
  boolean isPossible() {
    return Files.isRegularFile(run().resolve(RunDirectory.CONFIG));
  }

  /**
   * Writes {@code new.csv} and {@code predictions.csv}.
   *
   * @throws CodonfuseException if the run cannot be read or is not the demonstration's
   */
  Result predict(Backend backend, Progress progress) {
    long seed = trained().training().seed();
    Path input = output.resolve("new.csv");
    Path predictions = output.resolve("predictions.csv");
    try (SavedRun saved = SavedRun.open(backend, run(), encoders())) {
      SyntheticData.writeNew(input, sequences, seed);
      Dataset dataset = Dataset.load(input, ReadOptions.detect(), saved.datasetOptions());
      EmbeddingOptions embedding =
          new EmbeddingOptions(false, new EmbeddingCache(emptyCache()), VersionProvider.version());
      long start = System.nanoTime();
      double[][] outputs = saved.predict(dataset, embedding, progress);
      double seconds = (System.nanoTime() - start) / 1e9;
      PredictionFile.write(predictions, saved.outputs(), dataset.examples(), outputs);
      return new Result(
          run(),
          input,
          predictions,
          backend.name() + " (" + backend.description() + ")",
          seconds,
          saved.outputs().metrics(dataset, outputs, seed).get(Split.TEST));
    }
  }

  /** Of another run in this place the target would not be known. */
  private RunConfig trained() {
    RunConfig config = RunConfig.read(run().resolve(RunDirectory.CONFIG));
    if (!Path.of(config.data().file()).endsWith(data(output).getFileName())) {
      throw new CodonfuseException(
          "%s: is a run on %s and not of the demonstration; choose another --output."
              .formatted(run(), config.data().file()));
    }
    return config;
  }

  /** In this directory, which may have been moved since the training. */
  private List<StreamInput> encoders() {
    return Arrays.stream(Molecule.values())
        .map(molecule -> StreamInput.of(molecule, encoder(output, molecule)))
        .filter(input -> Files.isDirectory(input.place()))
        .toList();
  }

  /** What an earlier demonstration computed would make this one look faster than it is. */
  private Path emptyCache() {
    Path cache = embeddings(output).resolve("new");
    try {
      if (Files.exists(cache)) {
        AtomicFiles.deleteTree(cache);
      }
      return cache;
    } catch (IOException e) {
      throw AtomicFiles.unwritable(cache, e);
    }
  }
}

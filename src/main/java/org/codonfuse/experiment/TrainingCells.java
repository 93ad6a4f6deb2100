package org.codonfuse.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.codonfuse.baseline.RidgeBaseline;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.StreamInput;
import org.codonfuse.training.run.TrainingRun;

/**
 * Cells as trainings on a backend.
 *
 * @param plan whose cells they are
 * @param backend computes
 * @param models the directory of an encoder or store by what it is called
 * @param embedding how embeddings are made and kept
 * @param progress is told of the work
 */
public record TrainingCells(
    ExperimentPlan plan,
    TrainableBackend backend,
    Function<String, Path> models,
    EmbeddingOptions embedding,
    Progress progress)
    implements CellRunner {
  @Override
  public void run(Cell cell, RunDirectory output) {
    switch (cell.row()) {
      case RowPlan.Ridge ridge ->
          new RidgeBaseline(
                  cell.data().file(),
                  cell.data().reading(),
                  options(cell),
                  ridge.features(),
                  cell.seed(),
                  embedding.version())
              .execute(output, _ -> {});
      case RowPlan.OneHot _, RowPlan.Trained _ ->
          new TrainingRun(backend, settings(cell), of(cell)).execute(output, _ -> {});
    }
    if (!plan.keepModels()) {
      Path model = output.file(RunDirectory.MODEL);
      try {
        Files.deleteIfExists(model);
      } catch (IOException e) {
        throw AtomicFiles.unwritable(model, e);
      }
    }
  }

  /** Progress that says which cell it is of. */
  private Progress of(Cell cell) {
    return (name, total) -> progress.start(cell.id() + ", " + name, total);
  }

  /** Computes the embeddings that cells will find in the cache. */
  public void embed(List<Cell> cells) {
    Set<Object> seen = new LinkedHashSet<>();
    for (Cell cell : cells) {
      if (cell.row() instanceof RowPlan.Trained trained) {
        // What is embedded depends on these: the split does not matter.
        List<Object> key =
            List.of(cell.data(), trained.encoders(), trained.fusion().name(), trained.precision());
        if (seen.add(key)) {
          new TrainingRun(backend, settings(cell), progress).embed();
        }
      }
    }
  }

  private DatasetOptions options(Cell cell) {
    return cell.data().options(plan.folds(), cell.fold().orElse(0));
  }

  private TrainingRun.Settings settings(Cell cell) {
    DataPlan data = cell.data();
    return switch (cell.row()) {
      case RowPlan.OneHot oneHot ->
          oneHot
              .baseline()
              .withSeed(cell.seed())
              .settings(data.file(), data.reading(), options(cell), data.classWeights(), embedding);
      case RowPlan.Trained trained ->
          new TrainingRun.Settings(
              data.file(),
              data.reading(),
              options(cell),
              trained.encoders().stream()
                  .map(e -> new StreamInput(e.name(), e.molecule(), models.apply(e.model())))
                  .toList(),
              fusion(cell, trained),
              trained.head(),
              trained.training().withSeed(cell.seed()),
              data.classWeights(),
              embedding,
              trained.precision());
      case RowPlan.Ridge ridge -> throw new IllegalArgumentException(ridge.name());
    };
  }

  private static FusionOptions fusion(Cell cell, RowPlan.Trained trained) {
    return cell.lambda().isPresent()
        ? trained.fusion().withEntropyWeight(cell.lambda().getAsDouble())
        : trained.fusion();
  }
}

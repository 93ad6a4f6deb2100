package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.List;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.training.ClassWeights;
import org.codonfuse.training.TrainingSettings;

/** Trains on a store for one epoch; for {@link LargeStoreTest}, which runs it with a small heap. */
final class SmallHeapTraining {
  private SmallHeapTraining() {}

  static TrainingRun.Outcome train(Path data, Path store, Path output) {
    TrainingRun.Settings settings =
        new TrainingRun.Settings(
            data,
            ReadOptions.detect(),
            DatasetOptions.training(1),
            List.of(StreamInput.of(Molecule.RNA, store)),
            FusionOptions.of("concat"),
            HeadConfig.of("mlp", 8, 6, 0.2, 1),
            new TrainingSettings(1, 16, 1e-2, 1e-5, 4, 5, 0.1, 1),
            new ClassWeights.None(),
            TestRuns.options(output.resolveSibling("cache")),
            Precision.FLOAT32);
    try (TrainableBackend backend = TestBackends.openTrainable()) {
      return TestRuns.train(backend, settings, output);
    }
  }

  public static void main(String[] arguments) {
    train(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
    System.out.println("heap of at most " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
  }
}

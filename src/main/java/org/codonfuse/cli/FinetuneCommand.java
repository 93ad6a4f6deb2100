package org.codonfuse.cli;

import java.util.concurrent.Callable;
import org.codonfuse.training.run.TrainingRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code codonfuse finetune}: encoders, alignment, fusion and head trained together. */
@Command(
    name = "finetune",
    description = {
      "Trains a predictor together with its encoders.",
      "As train, but the encoders learn as well, by low-rank updates (LoRA) or wholly; those that"
          + " do not learn are computed once and cached. The run directory also has what was"
          + " learned: adapters/ in PEFT's layout, or encoders/, whole model directories."
    })
final class FinetuneCommand implements Callable<Integer>, Processes.Shared {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private ModelArguments model;
  @Mixin private TuningArguments tuning;

  @Override
  public String remedy() {
    return "the same command with --resume goes on from the last checkpoint";
  }

  @Override
  public Integer call() {
    Console console = global.console();
    TrainingRun.Settings frozen = model.settings(console, global.seed());
    TrainingRun.Settings settings =
        frozen.withTuning(tuning.tuning(frozen.read()), tuning.longSequences());
    return new TrainingJob(console, json, model, global.processes())
        .run(settings, () -> backendOptions.openTrainable(global, console));
  }
}

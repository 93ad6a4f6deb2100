package org.codonfuse.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code codonfuse train}: from a file of labelled sequences to a trained model. */
@Command(
    name = "train",
    description = {
      "Trains a predictor on mRNA sequences with measured targets.",
      "Embeds them with the encoders given, aligns the embeddings at the codon, fuses them and"
          + " trains a head on top. Writes a run directory: config.json, history.csv, metrics.json,"
          + " predictions.csv, model.safetensors."
    })
final class TrainCommand implements Callable<Integer>, Processes.Shared {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private ModelArguments model;

  @Override
  public String remedy() {
    return "the same command with --resume goes on from the last checkpoint";
  }

  @Override
  public Integer call() {
    Console console = global.console();
    return new TrainingJob(console, json, model, global.processes())
        .run(
            model.settings(console, global.seed()),
            () -> backendOptions.openTrainable(global, console));
  }
}

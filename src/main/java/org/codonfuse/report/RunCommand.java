package org.codonfuse.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.codonfuse.baseline.RidgeConfig;
import org.codonfuse.compute.Precision;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.Upsampling;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.ScheduleSettings;
import org.codonfuse.training.TrainingSettings;
import org.codonfuse.training.run.FineTuning;
import org.codonfuse.training.run.RunConfig;
import org.codonfuse.training.run.TargetConfig;

/** The command that makes a run again, as far as its configuration says. */
final class RunCommand {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private final List<String> lines = new ArrayList<>();

  private RunCommand() {}

  /** The command in lines for a shell. */
  static String of(ReportRun run) {
    RunCommand command = new RunCommand();
    switch (run.origin()) {
      case Origin.Trained(RunConfig config) -> command.train(config);
      case Origin.Ridge(RidgeConfig config) -> {
        command.lines.add("codonfuse baseline");
        command.option("--model", config.baseline());
        command.data(config.file(), config.targets());
      }
    }
    command.option("--output", run.directory().toString());
    return String.join(" \\\n  ", command.lines);
  }

  private void train(RunConfig config) {
    lines.add("codonfuse " + (config.fineTuning().equals(FineTuning.NONE) ? "train" : "finetune"));
    data(config.data().file(), config.targets());
    option("--task", config.task().label());
    option("--genetic-code", config.data().geneticCode());
    for (RunConfig.Stream stream : config.streams()) {
      String store = stream.embedding().store();
      option(
          "--" + stream.molecule().label(),
          stream.name() + "=" + (store.isEmpty() ? stream.encoder() : store));
    }
    config.streams().stream()
        .filter(stream -> stream.embedding().store().isEmpty())
        .map(stream -> stream.embedding().stored())
        .filter(precision -> precision != Precision.FLOAT32)
        .findFirst()
        .ifPresent(precision -> option("--precision", precision.label()));
    fusion(config);
    option("--head", config.head().name());
    option("--head-dim", config.head().width());
    if (config.head().channels() > 0) {
      option("--channels", config.head().channels());
    }
    option("--dropout", config.head().dropout());
    if (!config.classWeights().isEmpty()) {
      List<String> weights = new ArrayList<>();
      for (int i = 0; i < config.classes().size(); i++) {
        weights.add(config.classes().get(i) + "=" + config.classWeights().get(i));
      }
      option("--class-weights", String.join(",", weights));
    }
    training(config.training());
    tuning(config.fineTuning());
  }

  private void tuning(FineTuning tuning) {
    switch (tuning.method()) {
      case NONE -> {
        return;
      }
      case FULL -> lines.add("--full");
      case LORA -> {
        option("--lora-rank", tuning.rank());
        option("--lora-alpha", tuning.alpha());
        option("--lora-dropout", tuning.dropout());
        if (tuning.rankStabilised()) {
          lines.add("--rslora");
        }
        option("--targets", String.join(",", tuning.targets()));
      }
    }
    option("--modalities", String.join(",", tuning.streams()));
    option("--freeze-layers", tuning.frozenLayers());
    option("--encoder-learning-rate", tuning.learningRate());
    option("--head-epochs", tuning.headEpochs());
    if (tuning.checkpointed()) {
      lines.add("--gradient-checkpointing");
    }
  }

  private void data(String file, List<TargetConfig> targets) {
    option("--data", file);
    targets.forEach(target -> option("--target-column", target.name()));
  }

  private void fusion(RunConfig config) {
    option("--fusion", config.fusion().name());
    switch (config.fusion()) {
      case FusionConfig.Concat concat -> {
        if (hasDna(config)) {
          option("--dna-dim", concat.dnaDim());
        }
        upsampling(config, concat.upsampling());
      }
      case FusionConfig.Mil mil -> {
        option("--model-dim", mil.modelDim());
        option("--gate-dim", mil.gateDim());
        option("--entropy-weight", mil.entropyWeight());
        if (mil.sharedGate()) {
          lines.add("--shared-gate");
        }
        if (mil.tokenLevel()) {
          lines.add("--token-level");
        }
        upsampling(config, mil.upsampling());
      }
      case FusionConfig.CrossAttention attention -> {
        option("--model-dim", attention.modelDim());
        option("--attention-heads", attention.heads());
        option("--attention-dropout", attention.dropout());
        upsampling(config, attention.upsampling());
      }
      case FusionConfig.Unaligned unaligned -> option("--model-dim", unaligned.modelDim());
      case FusionConfig.Unimodal _ -> {}
    }
  }

  private void upsampling(RunConfig config, Upsampling upsampling) {
    if (hasDna(config)) {
      option("--upsample", upsampling.label());
    }
  }

  private static boolean hasDna(RunConfig config) {
    return config.streams().stream().anyMatch(stream -> stream.molecule() == Molecule.DNA);
  }

  private void training(TrainingSettings training) {
    option("--epochs", training.epochs());
    option("--patience", training.patience());
    option("--batch", training.batchSize());
    if (training.microBatch() > 0) {
      option("--micro-batch", training.microBatch());
    }
    if (training.bucket()) {
      lines.add("--bucket");
    }
    option("--learning-rate", training.learningRate());
    ScheduleSettings schedule = training.schedule();
    option("--schedule", schedule.kind().label());
    if (schedule.kind() == ScheduleSettings.Kind.PLATEAU) {
      option("--plateau-patience", schedule.plateauPatience());
      option("--plateau-factor", schedule.plateauFactor());
    }
    option("--warmup-epochs", schedule.warmupEpochs());
    option("--weight-decay", training.weightDecay());
    if (training.clipNorm() > 0) {
      option("--clip-norm", training.clipNorm());
    }
    option("--training-precision", training.precision().label());
    option("--seed", training.seed());
  }

  private void option(String name, Object value) {
    lines.add(name + " " + quoted(value.toString()));
  }

  /** As one word of a POSIX shell. */
  private static String quoted(String text) {
    return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}

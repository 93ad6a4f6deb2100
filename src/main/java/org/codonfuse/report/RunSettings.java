package org.codonfuse.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.codonfuse.baseline.RidgeConfig;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.training.ScheduleSettings;
import org.codonfuse.training.TrainingSettings;
import org.codonfuse.training.run.FineTuning;
import org.codonfuse.training.run.HeadConfig;
import org.codonfuse.training.run.RunConfig;

/** The settings of runs by name, as readers see them. */
final class RunSettings {
  private RunSettings() {}

  static Map<String, String> of(ReportRun run) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("Task", run.outputs().task().label());
    settings.put("Targets", run.targets());
    switch (run.origin()) {
      case Origin.Trained(RunConfig config) -> trained(settings, config);
      case Origin.Ridge(RidgeConfig config) -> {
        settings.put("Inputs", config.baseline());
        settings.put("Features", Numbers.count(config.features().size()));
        settings.put("Head", "ridge regression");
        settings.put("Penalty", Numbers.brief(config.penalty()));
      }
    }
    return settings;
  }

  private static void trained(Map<String, String> settings, RunConfig config) {
    settings.put(
        "Inputs",
        config.streams().stream()
            .map(stream -> "%s (%d)".formatted(stream.name(), stream.width()))
            .collect(Collectors.joining(", ")));
    settings.put(
        "Layer", distinct(config.streams().stream().map(s -> s.embedding().layer()).toList()));
    settings.put(
        "Embeddings",
        distinct(config.streams().stream().map(s -> s.embedding().stored().label()).toList()));
    if (config.data().maxNucleotides() > 0) {
      settings.put("Cut to", Numbers.count(config.data().maxNucleotides()) + " nt");
    }
    settings.put("Genetic code", Integer.toString(config.data().geneticCode()));
    settings.put("Fusion", config.fusion().name());
    fusion(settings, config.fusion());
    head(settings, config.head());
    if (!config.classWeights().isEmpty()) {
      settings.put(
          "Class weights",
          config.classWeights().stream().map(Numbers::brief).collect(Collectors.joining(", ")));
    }
    training(settings, config.training());
    tuning(settings, config.fineTuning());
    size(settings, config.size());
    settings.put("Best epoch", Integer.toString(config.bestEpoch()));
  }

  private static String distinct(List<String> values) {
    return values.stream().distinct().collect(Collectors.joining(", "));
  }

  private static void fusion(Map<String, String> settings, FusionConfig fusion) {
    switch (fusion) {
      case FusionConfig.Concat concat -> {
        settings.put("DNA width", Integer.toString(concat.dnaDim()));
        settings.put("Upsampling", concat.upsampling().label());
      }
      case FusionConfig.Mil mil -> {
        settings.put("Model width", Integer.toString(mil.modelDim()));
        settings.put(
            "Gate",
            mil.gateDim()
                + (mil.sharedGate() ? ", shared" : "")
                + (mil.tokenLevel() ? ", by codon" : ""));
        settings.put("Entropy weight λ", Numbers.brief(mil.entropyWeight()));
        settings.put("Upsampling", mil.upsampling().label());
      }
      case FusionConfig.CrossAttention attention -> {
        settings.put("Model width", Integer.toString(attention.modelDim()));
        settings.put("Attention heads", Integer.toString(attention.heads()));
        settings.put("Attention dropout", Numbers.brief(attention.dropout()));
        settings.put("Upsampling", attention.upsampling().label());
      }
      case FusionConfig.Unaligned unaligned ->
          settings.put("Model width", Integer.toString(unaligned.modelDim()));
      case FusionConfig.Unimodal _ -> {}
    }
  }

  private static void head(Map<String, String> settings, HeadConfig head) {
    settings.put("Head", head.name());
    settings.put("Head width", Integer.toString(head.width()));
    if (!head.kernels().isEmpty()) {
      settings.put(
          "Convolutions",
          "%d channels of widths %s"
              .formatted(
                  head.channels(),
                  head.kernels().stream().map(String::valueOf).collect(Collectors.joining(", "))));
    }
    settings.put("Dropout", Numbers.brief(head.dropout()));
  }

  private static String batch(TrainingSettings training) {
    String size = Integer.toString(training.batchSize());
    String lengths = training.bucket() ? ", of similar lengths" : "";
    String parts = training.microBatch() > 0 ? ", %d at once".formatted(training.microBatch()) : "";
    return size + lengths + parts;
  }

  private static void training(Map<String, String> settings, TrainingSettings training) {
    settings.put("Epochs at most", Integer.toString(training.epochs()));
    settings.put("Patience", Integer.toString(training.patience()));
    settings.put("Batch", batch(training));
    settings.put("Learning rate", Numbers.brief(training.learningRate()));
    settings.put("Schedule", schedule(training.schedule()));
    settings.put("Weight decay", Numbers.brief(training.weightDecay()));
    if (training.clipNorm() > 0) {
      settings.put("Norm of gradients at most", Numbers.brief(training.clipNorm()));
    }
    settings.put("Products in", training.precision().label());
    settings.put("Seed", Long.toString(training.seed()));
  }

  private static void tuning(Map<String, String> settings, FineTuning tuning) {
    if (tuning.method() == FineTuning.Method.NONE) {
      return;
    }
    String streams = String.join(", ", tuning.streams());
    if (tuning.method() == FineTuning.Method.FULL) {
      settings.put("Encoders that learn", streams + ", all weights");
    } else {
      settings.put("Encoders that learn", streams + ", by LoRA");
      settings.put("LoRA rank", Integer.toString(tuning.rank()));
      settings.put(
          "LoRA alpha",
          Numbers.brief(tuning.alpha())
              + (tuning.rankStabilised() ? ", over the root of the rank" : ", over the rank"));
      settings.put("LoRA dropout", Numbers.brief(tuning.dropout()));
      settings.put("LoRA targets", String.join(", ", tuning.targets()));
    }
    if (tuning.frozenLayers() > 0) {
      settings.put("Frozen layers", "the first %d".formatted(tuning.frozenLayers()));
    }
    settings.put("Learning rate of encoders", Numbers.brief(tuning.learningRate()));
    if (tuning.headEpochs() > 0) {
      settings.put("Epochs of the head alone", Integer.toString(tuning.headEpochs()));
    }
  }

  private static void size(Map<String, String> settings, RunConfig.Size size) {
    if (size.model() == 0) {
      return;
    }
    settings.put("Parameters of fusion and head", Numbers.count(size.model()));
    if (!size.encoders().isEmpty()) {
      settings.put(
          "Parameters trained of encoders",
          size.encoders().entrySet().stream()
              .map(of -> "%s of %s".formatted(Numbers.count(of.getValue()), of.getKey()))
              .collect(Collectors.joining(", ")));
      settings.put("Weights of encoders that stayed", Numbers.count(size.frozen()));
    }
  }

  private static String schedule(ScheduleSettings schedule) {
    String text = schedule.kind().label();
    if (schedule.kind() == ScheduleSettings.Kind.PLATEAU) {
      text +=
          ", × %s after %d epochs"
              .formatted(Numbers.brief(schedule.plateauFactor()), schedule.plateauPatience());
    }
    return schedule.warmupEpochs() == 0
        ? text
        : text + ", warm-up of %d epochs".formatted(schedule.warmupEpochs());
  }
}

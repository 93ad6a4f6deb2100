package org.codonfuse.experiment;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.codonfuse.compute.Precision;
import org.codonfuse.training.ScheduleSettings;
import org.codonfuse.training.ScheduleSettings.Kind;
import org.codonfuse.training.TrainingSettings;

/**
 * How models are trained.
 *
 * @param settings the protocol, its seed aside
 * @param precision what encoders compute in
 */
record TrainingPlan(TrainingSettings settings, Precision precision) {
  /** The paper's. */
  static final TrainingPlan DEFAULT =
      new TrainingPlan(
          new TrainingSettings(
              500,
              32,
              3e-5,
              1e-5,
              20,
              TrainingSettings.PLATEAU_PATIENCE,
              TrainingSettings.PLATEAU_FACTOR,
              0),
          Precision.FLOAT32);

  private static final int MOST = 1_000_000;

  private static final List<String> SCHEDULES = Stream.of(Kind.values()).map(Kind::label).toList();

  private static final List<String> PRODUCTS = List.of("float32", "bfloat16");

  private static final List<String> PRECISIONS = List.of("float32", "bfloat16", "float16");

  private static final List<String> KEYS =
      List.of(
          "epochs",
          "batch",
          "micro_batch",
          "bucket",
          "learning_rate",
          "schedule",
          "warmup_epochs",
          "plateau_patience",
          "plateau_factor",
          "weight_decay",
          "clip_norm",
          "patience",
          "training_precision",
          "precision");

  /** The same with what a map says otherwise. */
  TrainingPlan with(Optional<YamlValue> given) {
    if (given.isEmpty()) {
      return this;
    }
    YamlMap map = given.get().map().only("training", KEYS);
    return new TrainingPlan(
        new TrainingSettings(
            whole(map, "epochs", 1, settings.epochs()),
            whole(map, "batch", 1, settings.batchSize()),
            whole(map, "micro_batch", 0, settings.microBatch()),
            map.get("bucket").map(YamlValue::flag).orElse(settings.bucket()),
            number(map, "learning_rate", 1e-12, 10, settings.learningRate()),
            schedule(map),
            number(map, "weight_decay", 0, 10, settings.weightDecay()),
            number(map, "clip_norm", 0, 1e12, settings.clipNorm()),
            whole(map, "patience", 1, settings.patience()),
            map.get("training_precision")
                .map(p -> Precision.of(p.oneOf("precision", PRODUCTS)))
                .orElse(settings.precision()),
            0),
        map.get("precision")
            .map(p -> Precision.of(p.oneOf("precision", PRECISIONS)))
            .orElse(precision));
  }

  private ScheduleSettings schedule(YamlMap map) {
    ScheduleSettings before = settings.schedule();
    Kind kind =
        map.get("schedule")
            .map(name -> Kind.of(name.oneOf("schedule", SCHEDULES)))
            .orElse(before.kind());
    map.requireUsed("plateau_patience", kind == Kind.PLATEAU, "schedule " + kind.label());
    map.requireUsed("plateau_factor", kind == Kind.PLATEAU, "schedule " + kind.label());
    return new ScheduleSettings(
        kind,
        whole(map, "warmup_epochs", 0, before.warmupEpochs()),
        whole(map, "plateau_patience", 0, before.plateauPatience()),
        number(map, "plateau_factor", 1e-6, 0.999999, before.plateauFactor()));
  }

  private static int whole(YamlMap map, String key, int least, int otherwise) {
    return map.get(key).map(value -> value.integer(least, MOST)).orElse(otherwise);
  }

  private static double number(YamlMap map, String key, double low, double high, double otherwise) {
    return map.get(key).map(value -> value.number(low, high)).orElse(otherwise);
  }
}

package org.codonfuse.training.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.codonfuse.compute.Precision;
import org.codonfuse.embedding.LongPolicy;
import org.codonfuse.encoder.EncoderLayer;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.Upsampling;
import org.codonfuse.training.ScheduleSettings.Kind;

/** Brings {@code config.json} of older versions to what {@link RunConfig} reads, step by step. */
final class RunConfigUpgrade {
  private RunConfigUpgrade() {}

  /** The same configuration in today's format. */
  static ObjectNode upgraded(ObjectNode json) {
    int format = json.path("format").intValue();
    if (format == 1) {
      embedding(json);
    }
    if (format <= 2) {
      fusion(json);
      training(json);
      target(json);
    }
    if (format <= 3) {
      microBatch(json);
      json.set("fine_tuning", RunConfig.tree(FineTuning.NONE));
    }
    size(json);
    json.put("format", RunConfig.FORMAT);
    return json;
  }

  /** Format 1 knew one way to embed. */
  private static void embedding(ObjectNode json) {
    for (JsonNode stream : json.path("streams")) {
      if (stream instanceof ObjectNode object) {
        object
            .putObject("embedding")
            .put("layer", EncoderLayer.LAST.label())
            .put("computed", Precision.FLOAT32.name())
            .put("stored", Precision.FLOAT32.name())
            .put("long_sequences", LongPolicy.TRUNCATE.name())
            .put("store", "");
      }
    }
  }

  /** Up to format 2 fusions were concat, with a width of DNA, and one modality alone. */
  private static void fusion(ObjectNode json) {
    if (json.path("fusion") instanceof ObjectNode fusion) {
      String name = fusion.path("name").asText();
      if (name.equals(FusionConfig.CONCAT)) {
        fusion.put("upsampling", Upsampling.EXACT.label());
      } else {
        fusion.remove("dna_dim");
        fusion.put("molecule", name.toUpperCase(Locale.ROOT));
      }
    }
  }

  /** Up to format 2 there was one schedule, and products were in float32. */
  private static void training(ObjectNode json) {
    if (json.path("training") instanceof ObjectNode training && training.has("plateau_patience")) {
      ObjectNode schedule = JsonNodeFactory.instance.objectNode().put("kind", Kind.PLATEAU.name());
      schedule.put("warmup_epochs", 0);
      schedule.set("plateau_patience", training.remove("plateau_patience"));
      schedule.set("plateau_factor", training.remove("plateau_factor"));
      training.set("schedule", schedule);
      training
          .put("bucket", false)
          .put("clip_norm", 0.0)
          .put("precision", Precision.FLOAT32.name());
    }
  }

  /** Up to format 2 there was one target, whose column had no name here. */
  private static void target(ObjectNode json) {
    JsonNode scale = json.remove("target_scale");
    json.putArray("targets").addObject().put("name", "target").set("scale", scale);
    json.putArray("class_weights");
  }

  /** Up to format 3 batches were computed whole, and all encoders stayed as they were. */
  private static void microBatch(ObjectNode json) {
    if (json.path("training") instanceof ObjectNode training) {
      training.put("micro_batch", 0);
    }
  }

  /** Up to format 4 nothing was said of numbers of parameters, nor of layers computed again. */
  private static void size(ObjectNode json) {
    json.set("size", RunConfig.tree(RunConfig.Size.UNKNOWN));
    if (json.path("fine_tuning") instanceof ObjectNode tuning) {
      tuning.put("checkpointed", false);
    }
  }
}

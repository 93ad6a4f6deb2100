package org.codonfuse.training.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.ToLongFunction;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.training.TunedEncoders;

/**
 * What is known of a training before its first step.
 *
 * @param model number of parameters of fusion and head
 * @param encoders number of parameters that each encoder learns, by its stream
 * @param frozen number of weights of those encoders that stay as they are
 * @param neededMemory bytes that it will take beyond what is loaded, about
 * @param freeMemory bytes of the device that are free
 */
public record TrainingPlan(
    long model,
    SequencedMap<String, Long> encoders,
    long frozen,
    long neededMemory,
    long freeMemory) {
  static TrainingPlan of(
      List<ParameterSpec> model, TunedEncoders tuned, long neededMemory, long freeMemory) {
    ToLongFunction<List<ParameterSpec>> count =
        specs -> specs.stream().mapToLong(spec -> spec.shape().size()).sum();
    SequencedMap<String, Long> encoders = new LinkedHashMap<>();
    long frozen = 0;
    for (var learning : tuned.encoders().entrySet()) {
      encoders.put(learning.getKey(), count.applyAsLong(learning.getValue().parameters()));
      frozen += learning.getValue().frozen();
    }
    return new TrainingPlan(count.applyAsLong(model), encoders, frozen, neededMemory, freeMemory);
  }

  /** Bytes for people, such as {@code 1.2 GiB}. */
  public static String size(long bytes) {
    return bytes < 1L << 30
        ? "%d MiB".formatted(Math.max(1, bytes >> 20))
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }
}

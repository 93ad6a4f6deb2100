package org.codonfuse.training.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.training.TunedEncoders;

/**
 * What is known of a training before its first step.
 *
 * @param size what is trained, and what stays as it is
 * @param neededMemory bytes that it will take beyond what is loaded, about
 * @param freeMemory bytes of the device that are free
 */
public record TrainingPlan(RunConfig.Size size, long neededMemory, long freeMemory) {
  static TrainingPlan of(
      List<ParameterSpec> model, TunedEncoders tuned, long neededMemory, long freeMemory) {
    ToLongFunction<List<ParameterSpec>> count =
        specs -> specs.stream().mapToLong(spec -> spec.shape().size()).sum();
    Map<String, Long> encoders = new LinkedHashMap<>();
    long frozen = 0;
    for (var learning : tuned.encoders().entrySet()) {
      encoders.put(learning.getKey(), count.applyAsLong(learning.getValue().parameters()));
      frozen += learning.getValue().frozen();
    }
    return new TrainingPlan(
        new RunConfig.Size(count.applyAsLong(model), encoders, frozen), neededMemory, freeMemory);
  }

  /** Bytes for people, such as {@code 1.2 GiB}. */
  public static String size(long bytes) {
    return bytes < 1L << 30
        ? "%d MiB".formatted(Math.max(1, bytes >> 20))
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }
}

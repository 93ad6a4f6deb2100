package org.codonfuse.training.run;

import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.training.Examples;
import org.codonfuse.training.TunedEncoders;

/**
 * What a training will need beyond the weights that are loaded, computed from sizes: parameters
 * with gradients and moments, and what the largest part of a batch leaves for its gradients.
 *
 * @param parameters bytes
 * @param encoders bytes of activations of encoders
 * @param model bytes of activations of fusion and head
 */
public record MemoryEstimate(long parameters, long encoders, long model) {
  /** A value, its gradient and two moments, in float32. */
  private static final long OF_PARAMETER = 4L * Float.BYTES;

  /**
   * An estimate.
   *
   * @param values number of values that are trained
   * @param encoders bytes of activations of encoders
   * @param model bytes of activations of what is computed from their results
   */
  public static MemoryEstimate ofValues(long values, long encoders, long model) {
    return new MemoryEstimate(OF_PARAMETER * values, encoders, model);
  }

  /** Everything together, in bytes. */
  public long total() {
    return parameters + encoders + model;
  }

  /**
   * Estimates.
   *
   * @param model parameters of fusion and head
   * @param tuned encoders that learn
   * @param atOnce sequences that are computed together
   * @param checkpointed whether layers are computed again
   */
  static MemoryEstimate of(
      List<ParameterSpec> model,
      TunedEncoders tuned,
      Examples examples,
      int atOnce,
      boolean checkpointed) {
    long encoders = 0;
    for (var learning : tuned.encoders().entrySet()) {
      long tokens = examples.mostTokens(learning.getKey(), atOnce);
      TrainableEncoder encoder = learning.getValue();
      encoders += encoder.activationBytes(tokens, checkpointed);
    }
    long values =
        count(model)
            + tuned.encoders().values().stream().mapToLong(e -> count(e.parameters())).sum();
    return ofValues(values, encoders, examples.mostCodons(atOnce) * ofPosition(model));
  }

  private static long count(List<ParameterSpec> specs) {
    return specs.stream().mapToLong(spec -> spec.shape().size()).sum();
  }

  /** Every layer keeps what it reads and gives what the next one keeps, at every position. */
  private static long ofPosition(List<ParameterSpec> specs) {
    return specs.stream()
        .map(ParameterSpec::shape)
        .filter(shape -> shape.rank() > 1)
        .mapToLong(shape -> Float.BYTES * (shape.dim(0) + shape.dim(1)))
        .sum();
  }

  /**
   * Makes sure that it fits.
   *
   * @param free bytes of the device's memory
   * @param atOnce sequences that are computed together
   * @param checkpointed whether layers are computed again
   * @param others what else takes less memory, for the message
   * @param other the estimate for other numbers of sequences at once, and with checkpoints
   * @throws CodonfuseException if it does not, with what would help
   */
  public void requireWithin(
      long free, int atOnce, boolean checkpointed, String others, Other other) {
    if (total() <= free) {
      return;
    }
    boolean again = checkpointed || encoders == 0;
    String remedy = "use a device with more, " + others;
    if (!again && other.of(atOnce, true).total() <= free) {
      remedy =
          "add --gradient-checkpointing (%s)"
              .formatted(TrainingPlan.size(other.of(atOnce, true).total()));
    } else {
      for (int fewer = atOnce / 2; fewer > 0; fewer /= 2) {
        long needed = other.of(fewer, !again || checkpointed).total();
        if (needed <= free) {
          remedy =
              "%s--micro-batch %d (%s)"
                  .formatted(
                      again ? "give " : "add --gradient-checkpointing and ",
                      fewer,
                      TrainingPlan.size(needed));
          break;
        }
      }
    }
    throw new CodonfuseException(
        "Training would need about %s of memory where %s are free; %s."
            .formatted(TrainingPlan.size(total()), TrainingPlan.size(free), remedy));
  }

  /** Estimates of the same training with other settings. */
  @FunctionalInterface
  public interface Other {
    /** With so many sequences at once, layers computed again or not. */
    MemoryEstimate of(int atOnce, boolean checkpointed);
  }
}

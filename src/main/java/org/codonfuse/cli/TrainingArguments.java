package org.codonfuse.cli;

import java.util.Optional;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Precision;
import org.codonfuse.training.ScheduleSettings;
import org.codonfuse.training.TrainingSettings;
import picocli.CommandLine.Option;

/** The training protocol as options. */
final class TrainingArguments {
  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "500",
      description = "Epochs at most (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Sequences per step (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--micro-batch",
      paramLabel = "N",
      description =
          "Sequences computed at once; gradients are accumulated until --batch are done: less"
              + " memory, the same result up to rounding (default: --batch).")
  private Optional<Integer> microBatch = Optional.empty();

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      defaultValue = "3e-5",
      description = "Adam's learning rate (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      defaultValue = "1e-5",
      description = "L2 penalty in the gradient (default: ${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "20",
      description = "Epochs without a better validation loss to stop (default: ${DEFAULT-VALUE}).")
  private int patience;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "plateau",
      description =
          "What the learning rate does: plateau (falls when the validation loss does not), cosine"
              + " (falls to nothing at the last epoch) or constant (default: ${DEFAULT-VALUE}).")
  private String schedule;

  @Option(
      names = "--warmup-epochs",
      paramLabel = "N",
      defaultValue = "0",
      description = "Epochs in which the learning rate rises first (default: ${DEFAULT-VALUE}).")
  private int warmupEpochs;

  @Option(
      names = "--plateau-patience",
      paramLabel = "N",
      description =
          "Epochs without a better validation loss to lower the learning rate (default: "
              + TrainingSettings.PLATEAU_PATIENCE
              + ").")
  private Optional<Integer> plateauPatience = Optional.empty();

  @Option(
      names = "--plateau-factor",
      paramLabel = "X",
      description =
          "What plateau multiplies the learning rate by (default: "
              + TrainingSettings.PLATEAU_FACTOR
              + ").")
  private Optional<Double> plateauFactor = Optional.empty();

  @Option(
      names = "--clip-norm",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "Limit the norm of all gradients together; 0 is no limit (default: ${DEFAULT-VALUE}).")
  private double clipNorm;

  @Option(
      names = "--bucket",
      description = "Batches of sequences of similar length: less padding, less random.")
  private boolean bucket;

  @Option(
      names = "--training-precision",
      paramLabel = "TYPE",
      defaultValue = "float32",
      description =
          "What products in training steps are computed in: float32 or bfloat16; parameters and"
              + " measures are float32 (default: ${DEFAULT-VALUE}).")
  private String precision;

  /**
   * The protocol.
   *
   * @param seed of initialisation, order and dropout
   */
  TrainingSettings settings(long seed) {
    Ranges.atLeast("--epochs", epochs, 1);
    Ranges.atLeast("--batch", batch, 1);
    microBatch.ifPresent(n -> Ranges.atLeast("--micro-batch", n, 1));
    Ranges.atLeast("--patience", patience, 1);
    Ranges.within("--learning-rate", learningRate, 1e-12, 10);
    Ranges.within("--weight-decay", weightDecay, 0, 10);
    Ranges.atLeast("--warmup-epochs", warmupEpochs, 0);
    plateauPatience.ifPresent(n -> Ranges.atLeast("--plateau-patience", n, 0));
    plateauFactor.ifPresent(x -> Ranges.within("--plateau-factor", x, 1e-6, 0.999999));
    Ranges.within("--clip-norm", clipNorm, 0, 1e12);
    ScheduleSettings.Kind kind = ScheduleSettings.Kind.of(schedule);
    if (kind != ScheduleSettings.Kind.PLATEAU
        && (plateauPatience.isPresent() || plateauFactor.isPresent())) {
      throw new UsageException(
          "--plateau-patience and --plateau-factor are for --schedule plateau; leave them out.");
    }
    Precision products = products("--training-precision", precision);
    return new TrainingSettings(
        epochs,
        batch,
        microBatch.orElse(0),
        bucket,
        learningRate,
        new ScheduleSettings(
            kind,
            warmupEpochs,
            plateauPatience.orElse(TrainingSettings.PLATEAU_PATIENCE),
            plateauFactor.orElse(TrainingSettings.PLATEAU_FACTOR)),
        weightDecay,
        clipNorm,
        patience,
        products,
        seed);
  }

  /**
   * A precision that gradients survive.
   *
   * @param option that names it
   * @throws UsageException if they do not
   */
  static Precision products(String option, String name) {
    Precision products = Precision.of(name);
    if (products == Precision.FLOAT16) {
      throw new UsageException(
          option + " float16 would lose small gradients; give bfloat16 or float32.");
    }
    return products;
  }
}

package org.codonfuse.cli;

import java.util.List;
import java.util.Optional;
import org.codonfuse.Spelling;
import org.codonfuse.UsageException;
import org.codonfuse.embedding.LongPolicy;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.training.run.FineTuning;
import org.codonfuse.training.run.StreamInput;
import org.codonfuse.training.run.StreamSources;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which encoders learn with a model, and how. */
final class TuningArguments {
  private static final String LORA_RATE = "1e-4";
  private static final String FULL_RATE = "1e-5";

  @Mixin private LoraArguments lora;

  @Option(
      names = "--modalities",
      paramLabel = "NAME",
      split = ",",
      description =
          "The encoders that learn: dna, rna, protein, or the names that they were given (default:"
              + " all that the fusion reads).")
  private List<String> modalities = List.of();

  @Option(
      names = "--full",
      description = "Train all weights of the encoders instead of low-rank updates.")
  private boolean full;

  @Option(
      names = "--encoder-learning-rate",
      paramLabel = "X",
      description =
          "Adam's learning rate of the encoders (default: "
              + LORA_RATE
              + ", with --full "
              + FULL_RATE
              + "); --learning-rate is that of fusion and head.")
  private Optional<Double> learningRate = Optional.empty();

  @Option(
      names = "--head-epochs",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Epochs in which fusion and head learn alone first, on cached embeddings (default:"
              + " ${DEFAULT-VALUE}).")
  private int headEpochs;

  @Option(
      names = "--long",
      paramLabel = "POLICY",
      defaultValue = "truncate",
      description =
          "Sequences that an encoder cannot read whole: truncate, or error (default:"
              + " ${DEFAULT-VALUE}).")
  private String longSequences;

  /**
   * What becomes of sequences that an encoder cannot read whole.
   *
   * @throws UsageException for windows, which nothing could learn from
   */
  LongPolicy longSequences() {
    LongPolicy policy = LongPolicy.of(longSequences);
    if (policy == LongPolicy.CHUNK) {
      throw new UsageException(
          "--long chunk reads a sequence in overlapping windows, which encoders do not learn from;"
              + " give truncate or error, or leave long sequences out with --max-length.");
    }
    return policy;
  }

  /**
   * What is to be trained of the encoders.
   *
   * @param read the encoders and stores that the fusion reads
   * @throws UsageException if it cannot be meant
   */
  FineTuning tuning(List<StreamInput> read) {
    Ranges.within("--head-epochs", headEpochs, 0, 1_000_000);
    learningRate.ifPresent(x -> Ranges.within("--encoder-learning-rate", x, 1e-12, 10));
    return FineTuning.of(
        full ? lora.full("leave out --full, or") : lora.lora(),
        learning(read),
        lora.checkpointed(),
        learningRate.orElse(Double.valueOf(full ? FULL_RATE : LORA_RATE)),
        headEpochs);
  }

  private List<String> learning(List<StreamInput> read) {
    List<String> names = read.stream().map(StreamInput::name).toList();
    List<String> asked = modalities.isEmpty() ? encoders(read) : modalities;
    if (asked.isEmpty()) {
      throw new UsageException(
          "There is no encoder to fine-tune: the fusion reads stores or codons alone; give"
              + " models.");
    }
    for (String name : asked) {
      StreamInput input =
          read.stream()
              .filter(candidate -> candidate.name().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new UsageException(
                          "--modalities %s: the fusion reads no encoder of that name%s; there %s %s."
                              .formatted(
                                  name,
                                  Spelling.nearest(name, names)
                                      .map(near -> ", did you mean '" + near + "'")
                                      .orElse(""),
                                  names.size() == 1 ? "is" : "are",
                                  String.join(", ", names))));
      if (!isEncoder(input)) {
        throw new UsageException(
            "%s: has no weights to fine-tune; give a model with --%s, or other --modalities."
                .formatted(input.place(), input.molecule().label()));
      }
    }
    return asked.stream().distinct().toList();
  }

  private static List<String> encoders(List<StreamInput> read) {
    return read.stream().filter(TuningArguments::isEncoder).map(StreamInput::name).toList();
  }

  private static boolean isEncoder(StreamInput input) {
    return !StoreManifest.isIn(input.place())
        && !input.place().toString().equals(StreamSources.ONE_HOT);
  }
}

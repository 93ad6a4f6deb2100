package org.codonfuse.cli;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.codonfuse.UsageException;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.Upsampling;
import picocli.CommandLine.Option;

/** Which fusion, and how. */
final class FusionArguments {
  @Option(
      names = "--fusion",
      paramLabel = "NAME",
      defaultValue = "concat",
      description =
          "concat, mil (gated attention over modalities), cross-attention, concat-unaligned, or one"
              + " modality alone: dna, rna, protein (default: ${DEFAULT-VALUE}).")
  private String name;

  @Option(
      names = "--dna-dim",
      paramLabel = "N",
      description = "Width concat brings DNA embeddings to (default: theirs, at most 640).")
  private Optional<Integer> dnaDim = Optional.empty();

  @Option(
      names = "--model-dim",
      paramLabel = "N",
      description =
          "Width that mil, cross-attention and concat-unaligned bring every encoder's embeddings to"
              + " (default: 600).")
  private Optional<Integer> modelDim = Optional.empty();

  @Option(
      names = "--gate-dim",
      paramLabel = "N",
      description = "Width of the gate of mil (default: 100).")
  private Optional<Integer> gateDim = Optional.empty();

  @Option(
      names = "--entropy-weight",
      paramLabel = "X",
      description =
          "What the entropy of mil's weights counts in the loss, the paper's λ; 0 leaves it out"
              + " (default: 0.5).")
  private Optional<Double> entropyWeight = Optional.empty();

  @Option(names = "--shared-gate", description = "One gate for all encoders in mil, not one each.")
  private boolean sharedGate;

  @Option(
      names = "--token-level",
      description = "mil weighs the encoders for every codon, not for the whole sequence.")
  private boolean tokenLevel;

  @Option(
      names = "--attention-heads",
      paramLabel = "N",
      description = "Heads of cross-attention (default: 4).")
  private Optional<Integer> heads = Optional.empty();

  @Option(
      names = "--attention-dropout",
      paramLabel = "P",
      description = "Dropout of the weights of cross-attention (default: 0.1).")
  private Optional<Double> dropout = Optional.empty();

  @Option(
      names = "--upsample",
      paramLabel = "HOW",
      description =
          "How windows of DNA become codons: exact, or list1 as the paper's code has it (default:"
              + " exact).")
  private Optional<String> upsample = Optional.empty();

  /** The fusion that was asked for. */
  FusionOptions options() {
    dnaDim.ifPresent(n -> Ranges.size("--dna-dim", n));
    modelDim.ifPresent(n -> Ranges.size("--model-dim", n));
    gateDim.ifPresent(n -> Ranges.size("--gate-dim", n));
    heads.ifPresent(n -> Ranges.size("--attention-heads", n));
    entropyWeight.ifPresent(x -> Ranges.within("--entropy-weight", x, 0, 1e6));
    dropout.ifPresent(p -> Ranges.within("--attention-dropout", p, 0, 0.99));
    return new FusionOptions(
        name,
        optional(dnaDim),
        optional(modelDim),
        optional(gateDim),
        entropyWeight.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
        sharedGate,
        tokenLevel,
        optional(heads),
        dropout.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
        upsample.map(FusionArguments::upsampling));
  }

  private static Upsampling upsampling(String text) {
    return Upsampling.of(text)
        .orElseThrow(
            () ->
                new UsageException(
                    "--upsample %s is not known; use %s."
                        .formatted(text, String.join(" or ", Upsampling.labels()))));
  }

  private static OptionalInt optional(Optional<Integer> value) {
    return value.map(OptionalInt::of).orElse(OptionalInt.empty());
  }
}

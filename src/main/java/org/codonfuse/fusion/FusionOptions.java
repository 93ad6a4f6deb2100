package org.codonfuse.fusion;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.Molecule;

/**
 * A fusion as a user asks for it: its name and what is not to be as in the paper.
 *
 * @param name one of {@link #NAMES}
 * @param dnaDim of {@code concat}; by default the width of the DNA embeddings, at most {@value
 *     #WIDEST_DNA}
 * @param modelDim of all that project their streams; by default {@value #MODEL_DIM}
 * @param gateDim of {@code mil}; by default {@value #GATE_DIM}
 * @param entropyWeight λ of {@code mil}; by default {@value #ENTROPY_WEIGHT}
 * @param sharedGate of {@code mil}
 * @param tokenLevel of {@code mil}
 * @param heads of {@code cross-attention}; by default {@value #HEADS}
 * @param attentionDropout of {@code cross-attention}; by default {@value #ATTENTION_DROPOUT}
 * @param upsampling of all that align DNA; by default {@link Upsampling#EXACT}
 */
public record FusionOptions(
    String name,
    OptionalInt dnaDim,
    OptionalInt modelDim,
    OptionalInt gateDim,
    OptionalDouble entropyWeight,
    boolean sharedGate,
    boolean tokenLevel,
    OptionalInt heads,
    OptionalDouble attentionDropout,
    Optional<Upsampling> upsampling) {
  /** Width of RNA-FM's embeddings, which wider DNA embeddings are brought to. */
  public static final int WIDEST_DNA = 640;

  /** The paper's d. */
  public static final int MODEL_DIM = 600;

  /** The paper's width of the gate. */
  public static final int GATE_DIM = 100;

  /** The middle one of the paper's grid. */
  public static final double ENTROPY_WEIGHT = 0.5;

  /** The paper's λ, of which the best on validation is taken. */
  public static final List<Double> ENTROPY_WEIGHTS = List.of(0.01, 0.5, 1.0);

  /** The paper's number of attention heads. */
  public static final int HEADS = 4;

  /** The paper's dropout of attention weights. */
  public static final double ATTENTION_DROPOUT = 0.1;

  private static final List<String> MULTIMODAL =
      List.of(
          FusionConfig.CONCAT,
          FusionConfig.MIL,
          FusionConfig.CROSS_ATTENTION,
          FusionConfig.UNALIGNED);

  /** All names that {@code --fusion} takes. */
  public static final List<String> NAMES =
      Stream.concat(MULTIMODAL.stream(), Arrays.stream(Molecule.values()).map(Molecule::label))
          .toList();

  /** Channels of a TextCNN convolution in the paper, and with {@code cross-attention}. */
  private static final int CHANNELS = 1280;

  private static final int CHANNELS_AFTER_ATTENTION = 100;

  /**
   * @throws UsageException for an unknown name or a setting that cannot be or has no effect
   */
  public FusionOptions {
    if (!NAMES.contains(name)) {
      throw new UsageException(
          "Unknown fusion '" + name + "'; use one of " + String.join(", ", NAMES) + ".");
    }
    requireFor(name, "dna-dim", dnaDim.isPresent(), FusionConfig.CONCAT);
    requireFor(
        name,
        "model-dim",
        modelDim.isPresent(),
        FusionConfig.MIL,
        FusionConfig.CROSS_ATTENTION,
        FusionConfig.UNALIGNED);
    requireFor(name, "gate-dim", gateDim.isPresent(), FusionConfig.MIL);
    requireFor(name, "entropy-weight", entropyWeight.isPresent(), FusionConfig.MIL);
    requireFor(name, "shared-gate", sharedGate, FusionConfig.MIL);
    requireFor(name, "token-level", tokenLevel, FusionConfig.MIL);
    requireFor(name, "attention-heads", heads.isPresent(), FusionConfig.CROSS_ATTENTION);
    requireFor(
        name, "attention-dropout", attentionDropout.isPresent(), FusionConfig.CROSS_ATTENTION);
    requireFor(
        name,
        "upsample",
        upsampling.isPresent(),
        FusionConfig.CONCAT,
        FusionConfig.MIL,
        FusionConfig.CROSS_ATTENTION);
    double weight = entropyWeight.orElse(0);
    if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
      throw new UsageException(
          "an entropy weight of " + weight + " is impossible; give 0 or more.");
    }
    if (name.equals(FusionConfig.CROSS_ATTENTION)
        && modelDim.orElse(MODEL_DIM) % heads.orElse(HEADS) != 0) {
      throw new UsageException(
          "a width of %d cannot be divided among %d attention heads; give a multiple."
              .formatted(modelDim.orElse(MODEL_DIM), heads.orElse(HEADS)));
    }
  }

  private static void requireFor(String name, String option, boolean given, String... fusions) {
    if (given && !List.of(fusions).contains(name)) {
      throw new UsageException(
          "%s is for the fusion %s and changes nothing in %s; leave it out."
              .formatted(option, String.join(", ", fusions), name));
    }
  }

  /**
   * The paper's settings.
   *
   * @throws UsageException for an unknown name
   */
  public static FusionOptions of(String name) {
    return new FusionOptions(
        name,
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalDouble.empty(),
        false,
        false,
        OptionalInt.empty(),
        OptionalDouble.empty(),
        Optional.empty());
  }

  /** The same with another λ. */
  public FusionOptions withEntropyWeight(double value) {
    return new FusionOptions(
        name,
        dnaDim,
        modelDim,
        gateDim,
        OptionalDouble.of(value),
        sharedGate,
        tokenLevel,
        heads,
        attentionDropout,
        upsampling);
  }

  /** The modalities that it can read. */
  public Set<Molecule> molecules() {
    return isMultimodal()
        ? EnumSet.allOf(Molecule.class)
        : EnumSet.of(
            Arrays.stream(Molecule.values())
                .filter(molecule -> molecule.label().equals(name))
                .findFirst()
                .orElseThrow());
  }

  /** Whether it can read several streams. */
  public boolean isMultimodal() {
    return MULTIMODAL.contains(name);
  }

  /** Number of streams that it needs. */
  public int fewestStreams() {
    return isMultimodal() && !name.equals(FusionConfig.CONCAT) ? 2 : 1;
  }

  /** The paper's channels of each TextCNN convolution on it. */
  public int channels() {
    return name.equals(FusionConfig.CROSS_ATTENTION) ? CHANNELS_AFTER_ATTENTION : CHANNELS;
  }

  /**
   * Fails unless it can be had of streams of these molecules.
   *
   * @throws UsageException that says what to give
   */
  public void requireStreams(List<Molecule> given) {
    Set<Molecule> read = molecules();
    for (Molecule molecule : given) {
      if (!read.contains(molecule)) {
        throw new UsageException(
            "--fusion %s reads no %s; leave out --%s or choose another fusion."
                .formatted(name, molecule.label(), molecule.label()));
      }
    }
    if (given.size() < fewestStreams()) {
      throw new UsageException(
          "--fusion %s needs %s; give its model directory with %s."
              .formatted(
                  name,
                  fewestStreams() == 1
                      ? "an encoder"
                      : "at least two encoders" + (given.isEmpty() ? "" : " and has one"),
                  read.stream()
                      .map(molecule -> "--" + molecule.label())
                      .collect(Collectors.joining(" and/or "))));
    }
    if (!isMultimodal() && given.size() > 1) {
      throw new UsageException(
          "--fusion %s reads one encoder and has %d; give one, or fuse them, such as with --fusion"
                  .formatted(name, given.size())
              + " mil.");
    }
    if (!given.contains(Molecule.DNA) && dnaDim.isPresent()) {
      throw new UsageException("dna-dim changes nothing without --dna; leave it out.");
    }
    if (!given.contains(Molecule.DNA) && upsampling.isPresent()) {
      throw new UsageException("upsample changes nothing without --dna; leave it out.");
    }
  }

  /**
   * All settings.
   *
   * @param streams what is fused
   */
  public FusionConfig resolve(List<StreamSpec> streams) {
    Upsampling chosen = upsampling.orElse(Upsampling.EXACT);
    int width = modelDim.orElse(MODEL_DIM);
    return switch (name) {
      case FusionConfig.CONCAT ->
          new FusionConfig.Concat(dnaDim.orElse(widthOfDna(streams)), chosen);
      case FusionConfig.MIL ->
          new FusionConfig.Mil(
              width,
              gateDim.orElse(GATE_DIM),
              entropyWeight.orElse(ENTROPY_WEIGHT),
              sharedGate,
              tokenLevel,
              chosen);
      case FusionConfig.CROSS_ATTENTION ->
          new FusionConfig.CrossAttention(
              width, heads.orElse(HEADS), attentionDropout.orElse(ATTENTION_DROPOUT), chosen);
      case FusionConfig.UNALIGNED -> new FusionConfig.Unaligned(width);
      default -> new FusionConfig.Unimodal(molecules().iterator().next());
    };
  }

  private static int widthOfDna(List<StreamSpec> streams) {
    return streams.stream()
        .filter(stream -> stream.molecule() == Molecule.DNA)
        .mapToInt(stream -> Math.min(stream.width(), WIDEST_DNA))
        .max()
        .orElse(WIDEST_DNA);
  }
}

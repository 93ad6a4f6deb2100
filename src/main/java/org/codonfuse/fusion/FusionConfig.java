package org.codonfuse.fusion;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.codonfuse.sequence.Molecule;

/** A fusion with all its settings, as a run's configuration has it. */
@JsonTypeInfo(
    use = JsonTypeInfo.Id.NAME,
    include = JsonTypeInfo.As.EXISTING_PROPERTY,
    property = "name")
@JsonSubTypes({
  @JsonSubTypes.Type(value = FusionConfig.Concat.class, name = FusionConfig.CONCAT),
  @JsonSubTypes.Type(value = FusionConfig.Mil.class, name = FusionConfig.MIL),
  @JsonSubTypes.Type(
      value = FusionConfig.CrossAttention.class,
      name = FusionConfig.CROSS_ATTENTION),
  @JsonSubTypes.Type(value = FusionConfig.Unaligned.class, name = FusionConfig.UNALIGNED),
  @JsonSubTypes.Type(
      value = FusionConfig.Unimodal.class,
      names = {"dna", "rna", "protein"})
})
public sealed interface FusionConfig {
  /** See {@link ConcatFusion}. */
  String CONCAT = "concat";

  /** See {@link GatedMilFusion}. */
  String MIL = "mil";

  /** See {@link CrossAttentionFusion}. */
  String CROSS_ATTENTION = "cross-attention";

  /** See {@link UnalignedFusion}. */
  String UNALIGNED = "concat-unaligned";

  /** The name that {@code --fusion} takes. */
  @JsonProperty("name")
  String name();

  /** The fusion of these streams. */
  Fusion create(List<StreamSpec> streams);

  /**
   * Codon-level concatenation.
   *
   * @param dnaDim width that DNA embeddings are brought to
   * @param upsampling of windows of DNA
   */
  record Concat(int dnaDim, Upsampling upsampling) implements FusionConfig {
    public Concat {
      requireSize("dna_dim", dnaDim);
    }

    @Override
    public String name() {
      return CONCAT;
    }

    @Override
    public Fusion create(List<StreamSpec> streams) {
      return new ConcatFusion(streams, this);
    }
  }

  /**
   * Entropy-regularised gated attention.
   *
   * @param modelDim width of the projected streams
   * @param gateDim width of the gate
   * @param entropyWeight λ, what the entropy of the weights counts in the loss
   * @param sharedGate whether all streams have one gate
   * @param tokenLevel whether every position has weights of its own
   * @param upsampling of windows of DNA
   */
  record Mil(
      int modelDim,
      int gateDim,
      double entropyWeight,
      boolean sharedGate,
      boolean tokenLevel,
      Upsampling upsampling)
      implements FusionConfig {
    public Mil {
      requireSize("model_dim", modelDim);
      requireSize("gate_dim", gateDim);
      require(
          entropyWeight >= 0 && entropyWeight < Double.POSITIVE_INFINITY,
          "entropy_weight " + entropyWeight);
    }

    @Override
    public String name() {
      return MIL;
    }

    @Override
    public Fusion create(List<StreamSpec> streams) {
      return new GatedMilFusion(streams, this);
    }
  }

  /**
   * Cross-modal multi-head attention.
   *
   * @param modelDim width of the projected streams, a multiple of the heads
   * @param heads number of attention heads
   * @param dropout probability to drop an attention weight
   * @param upsampling of windows of DNA
   */
  record CrossAttention(int modelDim, int heads, double dropout, Upsampling upsampling)
      implements FusionConfig {
    public CrossAttention {
      requireSize("model_dim", modelDim);
      requireSize("heads", heads);
      require(modelDim % heads == 0, "model_dim " + modelDim + " of " + heads + " heads");
      require(dropout >= 0 && dropout < 1, "dropout " + dropout);
    }

    @Override
    public String name() {
      return CROSS_ATTENTION;
    }

    @Override
    public Fusion create(List<StreamSpec> streams) {
      return new CrossAttentionFusion(streams, this);
    }
  }

  /**
   * Concatenation along time, without alignment.
   *
   * @param modelDim width of the projected streams
   */
  record Unaligned(int modelDim) implements FusionConfig {
    public Unaligned {
      requireSize("model_dim", modelDim);
    }

    @Override
    public String name() {
      return UNALIGNED;
    }

    @Override
    public Fusion create(List<StreamSpec> streams) {
      return new UnalignedFusion(streams, this);
    }
  }

  /**
   * One modality alone.
   *
   * @param molecule which one
   */
  record Unimodal(Molecule molecule) implements FusionConfig {
    @Override
    public String name() {
      return molecule.label();
    }

    @Override
    public Fusion create(List<StreamSpec> streams) {
      require(
          streams.size() == 1 && streams.getFirst().molecule() == molecule,
          name() + " of the streams " + streams);
      return new UnimodalFusion(streams.getFirst());
    }
  }

  private static void requireSize(String name, int size) {
    require(size > 0, name + " " + size);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}

package org.codonfuse.explain;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What was found out about a run, as the files of an {@link ExplanationDirectory} have it. Tables
 * are in long format; each names the output that its numbers are about, in the units of the target,
 * or of the logit of a class. Of what was not asked for or does not exist for the model the table
 * is empty.
 *
 * @param summary what was explained and how
 * @param weights α of every sequence, for fusions that weigh modalities
 * @param ablations what the metrics lose without a modality
 * @param shares what each modality contributes to the prediction of a sequence
 * @param completeness how exactly the attributions of a sequence add up to its prediction
 * @param attributions what every codon contributes
 * @param mutations what every other codon would change
 * @param effects of codons over all sequences
 * @param profiles of contributions and changes along the sequence
 * @param attention who looks at whom in cross-attention, over all sequences
 * @param attentionMaps the same by codon for some sequences
 * @param map the sequences in two dimensions
 * @param mapAxes what these dimensions are
 */
public record Explanation(
    Summary summary,
    List<ModalityWeight> weights,
    List<Ablation> ablations,
    List<ModalityShare> shares,
    List<Completeness> completeness,
    List<CodonAttribution> attributions,
    List<Mutation> mutations,
    List<CodonEffect> effects,
    List<PositionProfile> profiles,
    List<AttentionShare> attention,
    List<AttentionWeight> attentionMaps,
    List<MapPoint> map,
    List<MapAxis> mapAxes) {

  /**
   * What was explained and how.
   *
   * @param format version of the files
   * @param codonfuse version of the program
   * @param backend what computed
   * @param run the directory of the run
   * @param data the file of sequences
   * @param sha256 hash of its bytes
   * @param sequences how many were read of it
   * @param attributed of how many sequences codons were attributed
   * @param mutated of how many sequences codons were exchanged
   * @param selection in words, which sequences these are
   * @param outputs names of the outputs: targets, or classes
   * @param modalities names of the streams
   * @param method of the attributions: {@code integrated-gradients}, {@code gradient-input} or
   *     {@code none}
   * @param steps Gauss–Legendre points of integrated gradients
   * @param baseline in words, what attributions are relative to and ablated modalities are replaced
   *     by
   * @param missense whether exchanges that change the protein are among the mutations
   * @param seed chose the sequences
   */
  public record Summary(
      int format,
      String codonfuse,
      String backend,
      String run,
      String data,
      String sha256,
      int sequences,
      int attributed,
      int mutated,
      String selection,
      List<String> outputs,
      List<String> modalities,
      String method,
      int steps,
      String baseline,
      boolean missense,
      long seed) {}

  /**
   * The weight that a fusion gave to a modality.
   *
   * @param id the sequence
   * @param split its split
   * @param modality the stream
   * @param weight α, from 0 to 1
   */
  public record ModalityWeight(String id, String split, String modality, double weight) {}

  /**
   * A metric with and without a modality, whose embeddings were replaced by the baseline.
   *
   * @param split on which it was measured
   * @param modality the stream that was taken away
   * @param metric name of the metric
   * @param value with all modalities
   * @param without without this one
   * @param change {@code without − value}
   * @param low lower end of the bootstrap 95 % interval of the change
   * @param high upper end
   */
  public record Ablation(
      String split,
      String modality,
      String metric,
      double value,
      double without,
      double change,
      double low,
      double high) {}

  /**
   * What a modality contributes to one prediction.
   *
   * @param id the sequence
   * @param split its split
   * @param output what was predicted
   * @param modality the stream
   * @param attribution sum over its positions
   * @param share sum of the absolute values over positions, as a part of that of all modalities
   */
  public record ModalityShare(
      String id, String split, String output, String modality, double attribution, double share) {}

  /**
   * How exactly attributions add up.
   *
   * @param id the sequence
   * @param output what was predicted
   * @param prediction for the sequence
   * @param baseline prediction for the baseline
   * @param attributed the sum of all attributions
   * @param gap {@code |attributed − (prediction − baseline)| / |prediction − baseline|}
   * @param steps points at which gradients were taken
   */
  public record Completeness(
      String id,
      String output,
      double prediction,
      double baseline,
      double attributed,
      double gap,
      int steps) {}

  /**
   * What a codon contributes.
   *
   * @param id the sequence
   * @param output what was predicted
   * @param modality the stream
   * @param position of the codon, from 1
   * @param codon its letters, RNA
   * @param aminoAcid one letter, {@code *} for a stop
   * @param attribution its part of {@code prediction − baseline}
   */
  public record CodonAttribution(
      String id,
      String output,
      String modality,
      int position,
      String codon,
      String aminoAcid,
      double attribution) {}

  /**
   * What another codon would change.
   *
   * @param id the sequence
   * @param output what was predicted
   * @param position of the codon, from 1
   * @param codon its letters, RNA
   * @param aminoAcid one letter
   * @param mutant the letters in its place
   * @param mutantAminoAcid one letter; the same if the exchange is synonymous
   * @param prediction for the mutant
   * @param change against the prediction for the sequence
   */
  public record Mutation(
      String id,
      String output,
      int position,
      String codon,
      String aminoAcid,
      String mutant,
      String mutantAminoAcid,
      double prediction,
      double change) {
    /** Whether the protein stays the same. */
    public boolean synonymous() {
      return aminoAcid.equals(mutantAminoAcid);
    }
  }

  /** Where the effect of a codon comes from. */
  public enum Evidence {
    /** Its mean attribution, summed over modalities. */
    @JsonProperty("attribution")
    ATTRIBUTION,
    /** What it changes in the place of its synonyms, relative to their mean. */
    @JsonProperty("synonymous")
    SYNONYMOUS,
    /** What it changes in the place of any sense codon, relative to the mean of all of them. */
    @JsonProperty("any_codon")
    ANY_CODON
  }

  /**
   * The effect of a codon over all sequences.
   *
   * @param output what was predicted
   * @param evidence what it was found from
   * @param codon letters, RNA
   * @param aminoAcid one letter
   * @param effect positive if it raises the prediction
   * @param low lower end of a 95 % interval of the mean over sequences, NaN of a single one
   * @param high upper end
   * @param count number of places where it was observed, several in a sequence
   */
  public record CodonEffect(
      String output,
      Evidence evidence,
      String codon,
      String aminoAcid,
      double effect,
      double low,
      double high,
      int count) {}

  /**
   * Contributions and changes by codon and place in the sequence.
   *
   * @param output what was predicted
   * @param evidence what it was found from: attributions, or changes by synonymous codons
   * @param bin tenth of the sequence, from 1
   * @param codon letters, RNA: the one that is there, or of changes the one put there
   * @param aminoAcid one letter
   * @param effect mean
   * @param count number of observations
   */
  public record PositionProfile(
      String output,
      Evidence evidence,
      int bin,
      String codon,
      String aminoAcid,
      double effect,
      int count) {
    /** Parts of a sequence. */
    public static final int BINS = 10;

    /**
     * The part that a codon lies in, from 1.
     *
     * @param position of the codon, from 1
     * @param codons of the sequence
     */
    public static int bin(int position, int codons) {
      return 1 + Math.clamp(BINS * (position - 1L) / Math.max(1, codons), 0, BINS - 1);
    }
  }

  /**
   * Who looks at whom in cross-attention.
   *
   * @param head of the attention, from 1
   * @param query the modality that looks
   * @param key the modality that is looked at
   * @param weight mean over sequences and codons; those of a query sum to 1
   */
  public record AttentionShare(int head, String query, String key, double weight) {}

  /**
   * Who looks at whom in one sequence, mean over heads.
   *
   * @param id the sequence
   * @param query the modality that looks
   * @param queryPosition its codon, from 1
   * @param key the modality that is looked at
   * @param keyPosition its codon, from 1
   * @param weight those of a query and its position sum to 1
   */
  public record AttentionWeight(
      String id, String query, int queryPosition, String key, int keyPosition, double weight) {}

  /**
   * A sequence in two dimensions, from the mean of its embeddings over positions.
   *
   * @param method {@code pca} or {@code umap}
   * @param modality the stream, or {@code fused} for what the fusion made of all
   * @param id the sequence
   * @param split its split
   * @param x first dimension
   * @param y second dimension
   */
  public record MapPoint(
      String method, String modality, String id, String split, double x, double y) {}

  /**
   * A dimension of the map of principal components.
   *
   * @param method {@code pca}
   * @param modality the stream, or {@code fused}
   * @param dimension 1 or 2
   * @param explained the part of the variance of the embeddings that lies in it
   */
  public record MapAxis(String method, String modality, int dimension, double explained) {}
}

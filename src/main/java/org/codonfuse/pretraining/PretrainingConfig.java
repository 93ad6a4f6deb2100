package org.codonfuse.pretraining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.codonfuse.encoder.Tuning;
import org.codonfuse.training.TrainingSettings;

/**
 * {@code pretraining.json} beside an encoder: how it was trained.
 *
 * @param format version of this file
 * @param codonfuse version of the program
 * @param backend what computed
 * @param base directory of the model that was trained on, or the configuration that was begun with
 * @param fingerprint hash over the files of that model, the weights it was begun with included
 * @param fresh whether nothing of it was learned before
 * @param freshHead whether only its head that scores tokens was not
 * @param data what it was trained on
 * @param masking what was to be told
 * @param tuning what was trained
 * @param training how
 * @param bestEpoch the epoch whose parameters the encoder has
 */
public record PretrainingConfig(
    int format,
    String codonfuse,
    String backend,
    String base,
    String fingerprint,
    boolean fresh,
    boolean freshHead,
    Data data,
    Rule masking,
    How tuning,
    TrainingSettings training,
    int bestEpoch) {
  /** The version that this program writes. */
  public static final int FORMAT = 1;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /**
   * Sequences.
   *
   * @param file they were read from
   * @param sha256 hash of its bytes
   * @param molecule what the encoder read of them
   * @param splits number of sequences by split
   * @param truncated how many were longer than the encoder reads
   * @param leftOut how many had no token to be told and were left out
   */
  public record Data(
      String file,
      String sha256,
      String molecule,
      Map<String, Integer> splits,
      int truncated,
      int leftOut) {}

  /**
   * Which tokens are to be told.
   *
   * @param chosen share of a sequence's tokens
   * @param masked share of these that are masked
   * @param random share of these that become a random token
   */
  public record Rule(double chosen, double masked, double random) {
    /** The rule of {@link Masking}. */
    static final Rule USED = new Rule(Masking.CHOSEN, Masking.MASKED, Masking.RANDOM);
  }

  /**
   * What was trained.
   *
   * @param kind {@code full} or {@code lora}
   * @param frozenLayers layers from the first on that were not
   * @param rank of low-rank updates; 0 if everything was trained
   * @param alpha of low-rank updates
   * @param dropout of low-rank updates
   * @param rankStabilised see {@link org.codonfuse.lora.LoraSettings}
   * @param targets of low-rank updates
   */
  public record How(
      String kind,
      int frozenLayers,
      int rank,
      double alpha,
      double dropout,
      boolean rankStabilised,
      List<String> targets) {
    static How of(Tuning tuning) {
      return switch (tuning) {
        case Tuning.Full(int frozen) -> new How("full", frozen, 0, 0, 0, false, List.of());
        case Tuning.Lora(var lora, int frozen) ->
            new How(
                "lora",
                frozen,
                lora.rank(),
                lora.alpha(),
                lora.dropout(),
                lora.rankStabilised(),
                lora.targets());
      };
    }
  }

  PretrainingConfig withBestEpoch(int epoch) {
    return new PretrainingConfig(
        format,
        codonfuse,
        backend,
        base,
        fingerprint,
        fresh,
        freshHead,
        data,
        masking,
        tuning,
        training,
        epoch);
  }

  /** What decides the result, as JSON: copies of the same files elsewhere are the same. */
  String identity(String splits) {
    ObjectNode tree = JSON.valueToTree(this);
    tree.remove(List.of("codonfuse", "backend", "base", "best_epoch"));
    ((ObjectNode) tree.path("data")).remove(List.of("file", "splits"));
    tree.put("splits_sha256", splits);
    return tree.toString();
  }

  /** The content of the file. */
  String toJson() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError("records are always JSON", e);
    }
  }
}

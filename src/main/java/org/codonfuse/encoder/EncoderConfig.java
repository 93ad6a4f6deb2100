package org.codonfuse.encoder;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/**
 * The shape of an encoder, as its {@code config.json} gives it: ESM-2, Nucleotide Transformer v2
 * and RNA-FM of any size are this one transformer.
 *
 * @param modelType {@code esm} or {@code rnafm}
 * @param hiddenSize width of the hidden states
 * @param layers number of transformer layers
 * @param heads number of attention heads
 * @param intermediateSize width inside the feed-forward network (of each half where it is gated)
 * @param vocabularySize number of rows of the token embedding
 * @param padId id of the padding token
 * @param maskId id of the mask token
 * @param maxPositions positions as published; two of them are reserved
 * @param layerNormEpsilon epsilon of every layer normalisation
 * @param rotary rotary positions; else a learned table
 * @param embeddingLayerNorm whether the embeddings are normalised
 * @param tokenDropout whether embeddings are rescaled as ESM-2 does
 * @param gated gated SiLU feed-forward (Nucleotide Transformer v2); else GELU
 * @param feedForwardBias whether the feed-forward layers have biases
 */
public record EncoderConfig(
    String modelType,
    int hiddenSize,
    int layers,
    int heads,
    int intermediateSize,
    int vocabularySize,
    int padId,
    int maskId,
    int maxPositions,
    double layerNormEpsilon,
    boolean rotary,
    boolean embeddingLayerNorm,
    boolean tokenDropout,
    boolean gated,
    boolean feedForwardBias) {

  /** Far more than any published encoder has; what is above is no configuration. */
  private static final int MOST_LAYERS = 1000;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Longest input in tokens, special tokens included. */
  public int maxTokens() {
    return maxPositions - 2;
  }

  /** Width of one attention head. */
  public int headWidth() {
    return hiddenSize / heads;
  }

  /** The content of {@code config.json}. */
  String toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("model_type", modelType);
    json.put("hidden_size", hiddenSize);
    json.put("num_hidden_layers", layers);
    json.put("num_attention_heads", heads);
    json.put("intermediate_size", intermediateSize);
    json.put("vocab_size", vocabularySize);
    json.put("pad_token_id", padId);
    json.put("mask_token_id", maskId);
    json.put("max_position_embeddings", maxPositions);
    json.put("layer_norm_eps", layerNormEpsilon);
    json.put("position_embedding_type", rotary ? "rotary" : "absolute");
    json.put("emb_layer_norm_before", embeddingLayerNorm);
    json.put("token_dropout", tokenDropout);
    json.put("hidden_act", "gelu");
    json.put("torch_dtype", "float32");
    if (gated) {
      json.put("add_bias_fnn", feedForwardBias);
      json.put("tie_word_embeddings", false);
    }
    return json.toPrettyString() + "\n";
  }

  /**
   * Reads {@code config.json}.
   *
   * @throws CodonfuseException that names the file and the field that is missing or unusable
   */
  public static EncoderConfig read(Path file) {
    JsonNode json;
    try (var in = Files.newInputStream(file)) {
      json = JSON.readTree(in);
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new CodonfuseException(
          file + ":" + line + ": not valid JSON; restore the published config.json.", e);
    } catch (IOException e) {
      throw new CodonfuseException(
          file
              + ": cannot be read ("
              + AtomicFiles.reason(e)
              + "); a model directory holds config.json, vocab.txt and the weights.",
          e);
    }
    Reader reader = new Reader(file, json);
    String modelType = reader.choice("model_type", List.of("esm", "rnafm"));
    String position =
        reader.choice("position_embedding_type", List.of("rotary", "absolute"), "absolute");
    reader.choice("hidden_act", List.of("gelu"), "gelu");
    EncoderConfig config =
        new EncoderConfig(
            modelType,
            reader.count("hidden_size"),
            reader.count("num_hidden_layers"),
            reader.count("num_attention_heads"),
            reader.count("intermediate_size"),
            reader.count("vocab_size"),
            reader.id("pad_token_id"),
            reader.id("mask_token_id"),
            reader.count("max_position_embeddings"),
            reader.positive("layer_norm_eps"),
            position.equals("rotary"),
            reader.flag("emb_layer_norm_before", false),
            reader.flag("token_dropout", false),
            json.has("add_bias_fnn"),
            reader.flag("add_bias_fnn", true));
    if (config.layers > MOST_LAYERS) {
      throw new CodonfuseException(
          file
              + ": field 'num_hidden_layers' is "
              + config.layers
              + " and must be at most "
              + MOST_LAYERS
              + "; restore the published config.json.");
    }
    if (config.hiddenSize % config.heads != 0
        || (config.rotary && config.headWidth() % 2 != 0)
        || config.maxTokens() < 1) {
      throw new CodonfuseException(
          file
              + ": hidden_size "
              + config.hiddenSize
              + ", num_attention_heads "
              + config.heads
              + " and max_position_embeddings "
              + config.maxPositions
              + " do not fit together; restore the published config.json.");
    }
    return config;
  }

  private record Reader(Path file, JsonNode json) {
    int count(String field) {
      return integer(field, 1);
    }

    int id(String field) {
      return integer(field, 0);
    }

    double positive(String field) {
      JsonNode node = json.path(field);
      if (!node.isNumber() || !(node.doubleValue() > 0)) {
        throw unusable(field, "a positive number");
      }
      return node.doubleValue();
    }

    boolean flag(String field, boolean otherwise) {
      JsonNode node = json.path(field);
      if (node.isMissingNode() || node.isNull()) {
        return otherwise;
      }
      if (!node.isBoolean()) {
        throw unusable(field, "true or false");
      }
      return node.booleanValue();
    }

    String choice(String field, List<String> choices, String otherwise) {
      JsonNode node = json.path(field);
      return node.isMissingNode() || node.isNull() ? otherwise : choice(field, choices);
    }

    String choice(String field, List<String> choices) {
      if (!choices.contains(json.path(field).asText())) {
        throw unusable(field, String.join(" or ", choices));
      }
      return json.path(field).asText();
    }

    private int integer(String field, int least) {
      JsonNode node = json.path(field);
      if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < least) {
        throw unusable(field, "a whole number of at least " + least);
      }
      return node.intValue();
    }

    private CodonfuseException unusable(String field, String expected) {
      JsonNode node = json.path(field);
      return new CodonfuseException(
          file
              + ": field '"
              + field
              + "' is "
              + (node.isMissingNode() ? "missing" : node.toString())
              + " and must be "
              + expected
              + "; restore the published config.json.");
    }
  }
}

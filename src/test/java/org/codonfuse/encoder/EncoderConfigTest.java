package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EncoderConfigTest {
  /** As facebook/esm2_t6_8M_UR50D publishes it. */
  private static final String ESM2_8M =
      """
      {"_name_or_path": "/tmp/facebook/esm2_t6_8M_UR50D", "architectures": ["EsmForMaskedLM"],
       "attention_probs_dropout_prob": 0.0, "classifier_dropout": null,
       "emb_layer_norm_before": false, "esmfold_config": null, "hidden_act": "gelu",
       "hidden_dropout_prob": 0.0, "hidden_size": 320, "initializer_range": 0.02,
       "intermediate_size": 1280, "is_folding_model": false, "layer_norm_eps": 1e-05,
       "mask_token_id": 32, "max_position_embeddings": 1026, "model_type": "esm",
       "num_attention_heads": 20, "num_hidden_layers": 6, "pad_token_id": 1,
       "position_embedding_type": "rotary", "token_dropout": true, "torch_dtype": "float32",
       "use_cache": true, "vocab_list": null, "vocab_size": 33}
      """;

  /** As InstaDeepAI/nucleotide-transformer-v2-100m-multi-species publishes it. */
  private static final String NUCLEOTIDE_TRANSFORMER_100M =
      """
      {"add_bias_fnn": false, "architectures": ["EsmForMaskedLM"],
       "attention_probs_dropout_prob": 0.0, "emb_layer_norm_before": false,
       "esmfold_config": null, "hidden_dropout_prob": 0.0, "hidden_size": 512,
       "initializer_range": 0.02, "intermediate_size": 2048, "is_folding_model": false,
       "layer_norm_eps": 1e-12, "mask_token_id": 2, "max_position_embeddings": 2050,
       "model_type": "esm", "num_attention_heads": 16, "num_hidden_layers": 22,
       "pad_token_id": 1, "position_embedding_type": "rotary", "tie_word_embeddings": false,
       "token_dropout": false, "torch_dtype": "float32", "use_cache": false, "vocab_list": null,
       "vocab_size": 4107}
      """;

  @TempDir Path directory;

  @Test
  void readsThePublishedEsm2() throws IOException {
    EncoderConfig expected =
        new EncoderConfig(
            "esm", 320, 6, 20, 1280, 33, 1, 32, 1026, 1e-5, true, false, true, false, true);
    assertEquals(expected, read(ESM2_8M));
    assertEquals(expected, EncoderFamily.ESM2.config(320, 6, 20, 1280));
    assertEquals(16, expected.headWidth());
  }

  @Test
  void readsThePublishedNucleotideTransformerAsGatedWithoutBiases() throws IOException {
    EncoderConfig expected =
        new EncoderConfig(
            "esm", 512, 22, 16, 2048, 4107, 1, 2, 2050, 1e-12, true, false, false, true, false);
    assertEquals(expected, read(NUCLEOTIDE_TRANSFORMER_100M));
    assertEquals(expected, EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2.config(512, 22, 16, 2048));
  }

  @Test
  void describesThePublishedRnaFm() {
    EncoderConfig expected =
        new EncoderConfig(
            "rnafm", 640, 12, 20, 5120, 25, 1, 24, 1026, 1e-5, false, true, false, false, true);
    assertEquals(expected, EncoderFamily.RNA_FM.config(640, 12, 20, 5120));
  }

  /** Longest inputs of the published models, without and with special tokens. */
  @ParameterizedTest
  @CsvSource({
    "ESM2, PROTEIN, 1022, 1024",
    "NUCLEOTIDE_TRANSFORMER_V2, DNA, 2047, 2048",
    "RNA_FM, RNA, 1022, 1024",
  })
  void longestInputsAreThePublishedOnes(
      EncoderFamily family, Molecule molecule, int ownTokens, int tokens) {
    EncoderConfig config = family.config(8, 1, 2, 16);
    int special = molecule == Molecule.DNA ? 1 : 2;
    assertEquals(molecule, family.molecule());
    assertEquals(tokens, config.maxTokens());
    assertEquals(ownTokens, config.maxTokens() - special);
  }

  @ParameterizedTest
  @EnumSource
  void writtenConfigurationsAreReadBack(EncoderFamily family) throws IOException {
    EncoderConfig config = family.config(48, 3, 4, 100);
    assertEquals(config, read(config.toJson()));
  }

  @ParameterizedTest(name = "add_bias_fnn {0}")
  @CsvSource(
      nullValues = "absent",
      value = {"absent, false, true", "true, true, true", "false, true, false"})
  void aBiasSwitchMeansAGatedFeedForward(Boolean value, boolean gated, boolean bias)
      throws IOException {
    ObjectNode json = json(ESM2_8M);
    if (value != null) {
      json.put("add_bias_fnn", value);
    }
    EncoderConfig config = read(json.toString());
    assertEquals(gated, config.gated());
    assertEquals(bias, config.feedForwardBias());
  }

  @Test
  void absentFieldsHaveThePublishedDefaults() throws IOException {
    ObjectNode json = json(ESM2_8M);
    json.putNull("position_embedding_type");
    json.remove("hidden_act");
    json.remove("emb_layer_norm_before");
    json.putNull("token_dropout");
    EncoderConfig config = read(json.toString());
    assertFalse(config.rotary());
    assertFalse(config.embeddingLayerNorm());
    assertFalse(config.tokenDropout());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "model_type, \"bert\"",
        "model_type, absent",
        "hidden_size, absent",
        "hidden_size, 0",
        "hidden_size, -8",
        "hidden_size, 4.5",
        "hidden_size, \"320\"",
        "hidden_size, 99999999999",
        "hidden_size, 321",
        "num_hidden_layers, null",
        "num_attention_heads, 3",
        "num_attention_heads, 64",
        "intermediate_size, []",
        "vocab_size, true",
        "pad_token_id, null",
        "mask_token_id, -1",
        "max_position_embeddings, 2",
        "layer_norm_eps, 0",
        "layer_norm_eps, \"1e-5\"",
        "position_embedding_type, \"relative_key\"",
        "hidden_act, \"relu\"",
        "token_dropout, 1",
        "emb_layer_norm_before, \"no\"",
        "add_bias_fnn, 0",
      })
  void unusableFieldsAreNamed(String field, String value) throws IOException {
    ObjectNode json = json(ESM2_8M);
    if (value.equals("absent")) {
      json.remove(field);
    } else {
      json.set(field, JsonMapper.builder().build().readTree(value));
    }
    var e = assertThrows(CodonfuseException.class, () -> read(json.toString()));
    assertTrue(e.getMessage().startsWith(file() + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(field), e.getMessage());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {"{\"model_type\": \"esm\", | 1", "[1, 2 | 1", "not json | 1", "{\\n\\n\"a\" 1} | 3"})
  void invalidJsonIsReportedWithItsLine(String text, int line) {
    String content = text.replace("\\n", "\n");
    var e = assertThrows(CodonfuseException.class, () -> read(content));
    assertTrue(e.getMessage().startsWith(file() + ":" + line + ": "), e.getMessage());
    assertTrue(e.getMessage().contains("not valid JSON"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {"``", "[]", "3", "null"})
  void documentsWithoutFieldsLackTheFirst(String text) {
    var e = assertThrows(CodonfuseException.class, () -> read(text));
    assertTrue(e.getMessage().contains("'model_type' is missing"), e.getMessage());
  }

  private EncoderConfig read(String json) throws IOException {
    Files.writeString(file(), json);
    return EncoderConfig.read(file());
  }

  private static ObjectNode json(String text) throws IOException {
    return (ObjectNode) JsonMapper.builder().build().readTree(text);
  }

  private Path file() {
    return directory.resolve("config.json");
  }
}

package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.codonfuse.encoder.CheckpointNames.Role;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointNamesTest {
  private static final List<String> HUGGING_FACE = List.of("", "esm.");
  private static final List<String> FAIRSEQ = List.of("", "encoder.", "encoder.encoder.");
  private static final List<String> MULTI_MOLECULE = List.of("", "model.", "rnafm.");

  /**
   * Modules in Hugging Face's ESM, the original RNA-FM and MultiMolecule; - where there is none.
   */
  @ParameterizedTest(name = "{3}")
  @CsvSource({
    "embeddings.word_embeddings, embed_tokens, embeddings.word_embeddings, embeddings.tokens",
    "embeddings.position_embeddings, embed_positions, embeddings.position_embeddings,"
        + " embeddings.positions",
    "embeddings.layer_norm, emb_layer_norm_before, embeddings.layer_norm, embeddings.norm",
    "encoder.layer.{i}.attention.self.query, layers.{i}.self_attn.q_proj,"
        + " encoder.layer.{i}.attention.self.query, layer.{i}.attention.query",
    "encoder.layer.{i}.attention.self.key, layers.{i}.self_attn.k_proj,"
        + " encoder.layer.{i}.attention.self.key, layer.{i}.attention.key",
    "encoder.layer.{i}.attention.self.value, layers.{i}.self_attn.v_proj,"
        + " encoder.layer.{i}.attention.self.value, layer.{i}.attention.value",
    "encoder.layer.{i}.attention.output.dense, layers.{i}.self_attn.out_proj,"
        + " encoder.layer.{i}.attention.output.dense, layer.{i}.attention.output",
    "encoder.layer.{i}.attention.LayerNorm, layers.{i}.self_attn_layer_norm,"
        + " encoder.layer.{i}.attention.layer_norm, layer.{i}.attention.norm",
    "encoder.layer.{i}.LayerNorm, layers.{i}.final_layer_norm, encoder.layer.{i}.layer_norm,"
        + " layer.{i}.norm",
    "encoder.layer.{i}.intermediate.dense, layers.{i}.fc1, encoder.layer.{i}.intermediate.dense,"
        + " layer.{i}.intermediate",
    "encoder.layer.{i}.output.dense, layers.{i}.fc2, encoder.layer.{i}.output.dense,"
        + " layer.{i}.output",
    "encoder.emb_layer_norm_after, emb_layer_norm_after, encoder.layer_norm, norm",
  })
  void everyLayoutHasEveryModule(
      String huggingFace, String fairseq, String multiMolecule, String ours) {
    for (String layer : List.of("0", "7", "32")) {
      for (String leaf : List.of("weight", "bias")) {
        String alias = leaf.equals("weight") ? "gamma" : "beta";
        Role expected = new Role.Parameter(at(layer, ours) + "." + leaf);
        for (String prefix : HUGGING_FACE) {
          assertRole(expected, prefix + at(layer, huggingFace) + "." + leaf);
          assertRole(expected, prefix + at(layer, huggingFace) + "." + alias);
        }
        for (String prefix : FAIRSEQ) {
          assertRole(expected, prefix + at(layer, fairseq) + "." + leaf);
        }
        for (String prefix : MULTI_MOLECULE) {
          assertRole(expected, prefix + at(layer, multiMolecule) + "." + leaf);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "11", "*"})
  void rotaryFrequenciesAreOfOneLayerOrOfAll(String layer) {
    Role expected = new Role.Parameter("layer." + layer + ".attention.frequencies");
    for (String prefix : HUGGING_FACE) {
      String name = "encoder.layer." + layer + ".attention.self.rotary_embeddings.inv_freq";
      assertRole(expected, prefix + name);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "contact_head.regression.weight",
        "esm.contact_head.regression.bias",
        "encoder.contact_head.regression.weight",
        "ss_head.decoder.weight",
        "pretrain.decoder.bias",
        "model.pretrain.ss_head.weight",
        "esm.pooler.dense.weight",
        "esm.embeddings.position_ids",
        "embeddings.position_ids",
        "model.embeddings.position_ids",
        "rnafm.embeddings.position_ids",
      })
  void otherHeadsAndBuffersAreNotUsed(String name) {
    assertRole(new Role.Unused(), name);
  }

  @ParameterizedTest
  @CsvSource({
    "lm_head.bias, head.bias",
    "lm_head.decoder.bias, head.bias",
    "lm_head.dense.weight, head.dense.weight",
    "lm_head.layer_norm.bias, head.norm.bias",
    "lm_head.decoder.weight, head.decoder.weight",
    "esm.lm_head.decoder.weight, head.decoder.weight",
    "encoder.lm_head.weight, head.decoder.weight",
    "encoder.encoder.lm_head.weight, head.decoder.weight",
    "lm_head.transform.dense.bias, head.dense.bias",
    "lm_head.transform.layer_norm.weight, head.norm.weight",
  })
  void theHeadThatScoresTokensHasOneNameInAllLayouts(String published, String ours) {
    assertRole(new Role.Head(ours), published);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "weight",
        "bert.embeddings.word_embeddings.weight",
        "esm.esm.embeddings.word_embeddings.weight",
        "esm.embeddings.word_embeddings",
        "esm.embeddings.word_embeddings.weight.lora",
        "esm.encoder.layer.0.attention.self.query.lora_A.weight",
        "esm.encoder.layer.0.crossattention.self.query.weight",
        "esm.encoder.layer.x.LayerNorm.weight",
        "esm.encoder.layer.-1.LayerNorm.weight",
        "esm.encoder.layer.0.LayerNorm.scale",
        "encoder.layers.0.self_attn.in_proj_weight",
        "encoder.encoder.encoder.layers.0.fc1.weight",
        "encoder.layer.0.attention.self.rotary_embeddings.inv_freq.weight",
        "my_lm_head.weight",
      })
  void otherNamesAreUnknown(String name) {
    assertEquals(Optional.empty(), CheckpointNames.role(name));
  }

  @ParameterizedTest
  @EnumSource
  void publishedNamesAreReadBackAsWhatTheyAre(EncoderFamily family) {
    EncoderConfig config = family.config(8, 12, 2, 16);
    for (String ours : EncoderParameters.shapes(config).sequencedKeySet()) {
      assertRole(new Role.Parameter(ours), CheckpointNames.published(config, ours));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ESM2, norm.bias, esm.encoder.emb_layer_norm_after.bias",
    "ESM2, layer.3.attention.frequencies,"
        + " esm.encoder.layer.3.attention.self.rotary_embeddings.inv_freq",
    "NUCLEOTIDE_TRANSFORMER_V2, layer.0.attention.norm.weight,"
        + " esm.encoder.layer.0.attention.LayerNorm.weight",
    "RNA_FM, norm.weight, model.encoder.layer_norm.weight",
    "RNA_FM, layer.1.norm.weight, model.encoder.layer.1.layer_norm.weight",
    "RNA_FM, embeddings.positions.weight, model.embeddings.position_embeddings.weight",
  })
  void publishedNamesAreThoseOfTheFamily(EncoderFamily family, String ours, String published) {
    assertEquals(published, CheckpointNames.published(family.config(8, 4, 2, 16), ours));
  }

  private static void assertRole(Role expected, String name) {
    assertEquals(Optional.of(expected), CheckpointNames.role(name), name);
  }

  private static String at(String layer, String name) {
    return name.replace("{i}", layer);
  }
}

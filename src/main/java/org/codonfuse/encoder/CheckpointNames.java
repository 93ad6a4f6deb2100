package org.codonfuse.encoder;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names that published checkpoints give to the tensors of an encoder, mapped to one: those of
 * {@link EncoderParameters}. Three layouts are known: Hugging Face's ESM (ESM-2, Nucleotide
 * Transformer v2), fairseq's (the original RNA-FM) and MultiMolecule's.
 */
final class CheckpointNames {
  /** What a tensor in a checkpoint is. */
  sealed interface Role {
    /**
     * A parameter of the encoder.
     *
     * @param name our name for it; a {@code *} for the layer stands for all layers
     */
    record Parameter(String name) implements Role {}

    /**
     * A parameter of the head that scores tokens.
     *
     * @param name our name for it
     */
    record Head(String name) implements Role {}

    /** Part of another head, or a table that this encoder does not use. */
    record Unused() implements Role {}
  }

  private static final Pattern PREFIX = Pattern.compile("^(?:esm\\.|model\\.|rnafm\\.)");
  private static final Pattern FAIRSEQ_PREFIX =
      Pattern.compile(
          "^(?:encoder\\.){1,2}(?=layers\\.|embed_|emb_layer_norm_|lm_head|contact_head)");
  private static final Pattern UNUSED =
      Pattern.compile(
          "^(?:contact_head|lm_head|ss_head|pretrain|pooler)\\..*"
              + "|^embeddings\\.position_ids$|^embed_positions\\._float_tensor$");
  private static final Pattern LAYER =
      Pattern.compile("^(?:encoder\\.layer|layers)\\.(\\d+|\\*)\\.(.+)$");
  private static final Pattern LEAF = Pattern.compile("^(.*)\\.(weight|bias|gamma|beta)$");

  private static final Pattern OUR_LAYER = Pattern.compile("^layer\\.(\\d+)\\.(.+)$");

  private static final Map<String, String> WHOLE =
      Map.ofEntries(
          Map.entry("embeddings.word_embeddings", "embeddings.tokens"),
          Map.entry("embed_tokens", "embeddings.tokens"),
          Map.entry("embeddings.position_embeddings", "embeddings.positions"),
          Map.entry("embed_positions", "embeddings.positions"),
          Map.entry("embeddings.layer_norm", "embeddings.norm"),
          Map.entry("embeddings.LayerNorm", "embeddings.norm"),
          Map.entry("emb_layer_norm_before", "embeddings.norm"),
          Map.entry("emb_layer_norm_after", "norm"),
          Map.entry("encoder.layer_norm", "norm"));

  /** The masked-language-model head; its decoder is the token embedding where it is not stored. */
  private static final Map<String, String> HEAD =
      Map.ofEntries(
          Map.entry("lm_head.dense.weight", "head.dense.weight"),
          Map.entry("lm_head.dense.bias", "head.dense.bias"),
          Map.entry("lm_head.transform.dense.weight", "head.dense.weight"),
          Map.entry("lm_head.transform.dense.bias", "head.dense.bias"),
          Map.entry("lm_head.layer_norm.weight", "head.norm.weight"),
          Map.entry("lm_head.layer_norm.bias", "head.norm.bias"),
          Map.entry("lm_head.transform.layer_norm.weight", "head.norm.weight"),
          Map.entry("lm_head.transform.layer_norm.bias", "head.norm.bias"),
          Map.entry("lm_head.weight", "head.decoder.weight"),
          Map.entry("lm_head.decoder.weight", "head.decoder.weight"),
          Map.entry("lm_head.bias", "head.bias"),
          Map.entry("lm_head.decoder.bias", "head.bias"));

  private static final Map<String, String> IN_LAYER =
      Map.ofEntries(
          Map.entry("attention.self.query", "attention.query"),
          Map.entry("attention.self.key", "attention.key"),
          Map.entry("attention.self.value", "attention.value"),
          Map.entry("attention.output.dense", "attention.output"),
          Map.entry("attention.LayerNorm", "attention.norm"),
          Map.entry("attention.layer_norm", "attention.norm"),
          Map.entry("LayerNorm", "norm"),
          Map.entry("layer_norm", "norm"),
          Map.entry("intermediate.dense", "intermediate"),
          Map.entry("output.dense", "output"),
          Map.entry("self_attn.q_proj", "attention.query"),
          Map.entry("self_attn.k_proj", "attention.key"),
          Map.entry("self_attn.v_proj", "attention.value"),
          Map.entry("self_attn.out_proj", "attention.output"),
          Map.entry("self_attn_layer_norm", "attention.norm"),
          Map.entry("final_layer_norm", "norm"),
          Map.entry("fc1", "intermediate"),
          Map.entry("fc2", "output"));

  private static final List<String> FREQUENCIES =
      List.of("attention.self.rotary_embeddings.inv_freq", "self_attn.rot_emb.inv_freq");

  private CheckpointNames() {}

  /** What the tensor of this name is; empty if no known layout has it. */
  static Optional<Role> role(String published) {
    String name = PREFIX.matcher(published).replaceFirst("");
    name = FAIRSEQ_PREFIX.matcher(name).replaceFirst("");
    if (HEAD.containsKey(name)) {
      return Optional.of(new Role.Head(HEAD.get(name)));
    }
    if (UNUSED.matcher(name).matches()) {
      return Optional.of(new Role.Unused());
    }
    Matcher layer = LAYER.matcher(name);
    if (layer.matches() && FREQUENCIES.contains(layer.group(2))) {
      return Optional.of(
          new Role.Parameter("layer." + layer.group(1) + "." + EncoderParameters.FREQUENCIES));
    }
    Matcher leaf = LEAF.matcher(layer.matches() ? layer.group(2) : name);
    if (!leaf.matches()) {
      return Optional.empty();
    }
    String kind =
        switch (leaf.group(2)) {
          case "gamma" -> "weight";
          case "beta" -> "bias";
          default -> leaf.group(2);
        };
    String module = (layer.matches() ? IN_LAYER : WHOLE).get(leaf.group(1));
    if (module == null) {
      return Optional.empty();
    }
    String prefix = layer.matches() ? "layer." + layer.group(1) + "." : "";
    return Optional.of(new Role.Parameter(prefix + module + "." + kind));
  }

  /** The name that a tensor of our head has there, or in fairseq's layout. */
  static String publishedHead(EncoderConfig config, boolean fairseq, String ours) {
    boolean multiMolecule = config.modelType().equals("rnafm") && !fairseq;
    String part = ours.substring("head.".length());
    if (part.equals("bias")) {
      return "lm_head.bias";
    }
    if (part.startsWith("decoder.")) {
      return fairseq ? "lm_head.weight" : "lm_head." + part;
    }
    return (multiMolecule ? "lm_head.transform." : "lm_head.")
        + part.replace("norm.", "layer_norm.");
  }

  /** The name that our tensor has in Hugging Face's ESM or MultiMolecule's layout. */
  static String published(EncoderConfig config, String ours) {
    boolean multiMolecule = config.modelType().equals("rnafm");
    String prefix = multiMolecule ? "model." : "esm.";
    Matcher layer = OUR_LAYER.matcher(ours);
    String module = layer.matches() ? layer.group(2) : ours;
    String leaf = "";
    if (!module.equals(EncoderParameters.FREQUENCIES)) {
      int dot = module.lastIndexOf('.');
      leaf = module.substring(dot);
      module = module.substring(0, dot);
    }
    String norm = multiMolecule ? "layer_norm" : "LayerNorm";
    String published =
        switch (module) {
          case "embeddings.tokens" -> "embeddings.word_embeddings";
          case "embeddings.positions" -> "embeddings.position_embeddings";
          case "embeddings.norm" -> "embeddings.layer_norm";
          case "norm" ->
              layer.matches()
                  ? norm
                  : multiMolecule ? "encoder.layer_norm" : "encoder.emb_layer_norm_after";
          case EncoderParameters.FREQUENCIES -> FREQUENCIES.getFirst();
          case "attention.query" -> "attention.self.query";
          case "attention.key" -> "attention.self.key";
          case "attention.value" -> "attention.self.value";
          case "attention.output" -> "attention.output.dense";
          case "attention.norm" -> "attention." + norm;
          case "intermediate" -> "intermediate.dense";
          case "output" -> "output.dense";
          default -> throw new IllegalArgumentException("No published name for " + ours);
        };
    String where = layer.matches() ? "encoder.layer." + layer.group(1) + "." : "";
    return prefix + where + published + leaf;
  }
}

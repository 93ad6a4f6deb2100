package org.codonfuse.lora;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;

/**
 * {@code adapter_config.json} as PEFT writes it. Fields of older and newer versions are read, but
 * what would change the mathematics of plain LoRA is refused by name.
 *
 * @param rank {@code r}
 * @param alpha {@code lora_alpha}
 * @param dropout {@code lora_dropout}
 * @param rankStabilised {@code use_rslora}
 * @param named {@code target_modules} if they are a list, else empty
 * @param targets which modules, by path, they name
 * @param baseName {@code base_model_name_or_path}
 * @param model {@code auto_mapping}
 */
record AdapterConfig(
    int rank,
    double alpha,
    double dropout,
    boolean rankStabilised,
    List<String> named,
    Predicate<String> targets,
    Optional<String> baseName,
    Optional<LoraAdapter.ModelClass> model) {

  /** Fields that have no part in what an adapter computes, or only beside one that is refused. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "auto_mapping",
          "base_model_name_or_path",
          "corda_config",
          "ensure_weight_tying",
          "eva_config",
          "inference_mode",
          "loftq_config",
          "lora_ga_config",
          "megatron_config",
          "megatron_core",
          "merge_weights",
          "peft_version",
          "qalora_group_size",
          "revision",
          "runtime_config",
          "task_type",
          "velora_config");

  private static final Set<String> READ =
      Set.of(
          "bias",
          "init_lora_weights",
          "lora_alpha",
          "lora_dropout",
          "peft_type",
          "r",
          "target_modules",
          "use_rslora");

  /**
   * Initialisations that leave the base as it is; the others subtract from it what they begin with.
   */
  private static final Set<String> PLAIN_STARTS =
      Set.of("true", "false", "gaussian", "eva", "orthogonal", "mica");

  /** What models with a head put before the names of the encoder, which patterns may ask for. */
  private static final List<String> PREFIXES = List.of("", "esm.", "model.", "rnafm.");

  static AdapterConfig read(Path file) {
    JsonFields json = JsonFields.read(file);
    json.choice("peft_type", "LORA", "it is an adapter of another kind; only LoRA is supported");
    json.choice("bias", "none", "adapters that change biases are not supported; train without");
    String start = json.get("init_lora_weights").asText("true");
    if (!PLAIN_STARTS.contains(start)) {
      throw new CodonfuseException(
          "%s: field 'init_lora_weights' is '%s', which changes the base model; save the adapter"
                  .formatted(file, start)
              + " with PEFT's path_initial_model_for_weight_conversion, which makes it plain"
              + " LoRA.");
    }
    json.names().stream()
        .filter(name -> !READ.contains(name) && !WITHOUT_EFFECT.contains(name))
        .filter(name -> isSet(json.get(name)))
        .findFirst()
        .ifPresent(
            name -> {
              throw new CodonfuseException(
                  "%s: field '%s' is %s, which is more than plain LoRA and not supported; merge the"
                          .formatted(file, name, json.get(name))
                      + " adapter with PEFT (merge_and_unload) and give the merged model, or train"
                      + " it without.");
            });
    JsonNode targets = json.get("target_modules");
    boolean listed = targets.isArray();
    List<String> named = listed ? named(json, targets) : List.of();
    return new AdapterConfig(
        json.count("r"),
        json.number("lora_alpha", "a number above 0", alpha -> alpha > 0),
        json.get("lora_dropout").isMissingNode()
            ? 0
            : json.number("lora_dropout", "from 0 to below 1", p -> p >= 0 && p < 1),
        json.flag("use_rslora"),
        named,
        listed
            ? module -> named.stream().anyMatch(t -> LoraSettings.isTarget(module, t))
            : pattern(json, targets),
        json.text("base_model_name_or_path"),
        model(json.get("auto_mapping")));
  }

  private static boolean isSet(JsonNode node) {
    return switch (node.getNodeType()) {
      case NULL, MISSING -> false;
      case BOOLEAN -> node.booleanValue();
      case ARRAY, OBJECT -> !node.isEmpty();
      case STRING -> !node.asText().isEmpty();
      default -> true;
    };
  }

  private static List<String> named(JsonFields json, JsonNode targets) {
    List<String> named = new ArrayList<>();
    for (JsonNode target : targets) {
      if (!target.isTextual() || target.asText().isBlank()) {
        throw json.unusable("target_modules", "a list of names or a regular expression");
      }
      named.add(AdapterWeights.path(target.asText()));
    }
    if (named.isEmpty()) {
      throw json.unusable("target_modules", "a list of names or a regular expression");
    }
    return named;
  }

  private static Predicate<String> pattern(JsonFields json, JsonNode targets) {
    if (!targets.isTextual()) {
      throw json.unusable("target_modules", "a list of names or a regular expression");
    }
    if (targets.asText().equalsIgnoreCase(LoraSettings.ALL_LINEAR)) {
      return _ -> true;
    }
    try {
      Pattern pattern = Pattern.compile(targets.asText());
      return module -> PREFIXES.stream().anyMatch(p -> pattern.matcher(p + module).matches());
    } catch (PatternSyntaxException e) {
      throw json.unusable("target_modules", "a list of names or a regular expression");
    }
  }

  private static Optional<LoraAdapter.ModelClass> model(JsonNode mapping) {
    JsonNode name = mapping.path("base_model_class");
    JsonNode library = mapping.path("parent_library");
    return name.isTextual() && library.isTextual()
        ? Optional.of(new LoraAdapter.ModelClass(name.asText(), library.asText()))
        : Optional.empty();
  }

  /** Whether a module, by path, is among the targets. */
  boolean adapts(String module) {
    return targets.test(module);
  }

  /**
   * The settings; a pattern becomes the names of the modules that it stands for.
   *
   * @param modules those that the adapter has
   */
  LoraSettings settings(Collection<String> modules) {
    return new LoraSettings(
        rank, alpha, dropout, rankStabilised, named.isEmpty() ? List.copyOf(modules) : named);
  }

  /** Writes every field that PEFT 0.21 does, in its order. */
  static void write(Path file, LoraSettings settings, LoraAdapter.Base base) {
    JsonFields.Writer json = new JsonFields.Writer();
    Stream.of(
            "alora_invocation_tokens",
            "arrow_config",
            "corda_config",
            "eva_config",
            "exclude_modules",
            "kasa_config",
            "layer_replication",
            "layers_pattern",
            "layers_to_transform",
            "lora_ga_config",
            "megatron_config",
            "modules_to_save",
            "monteclora_config",
            "revision",
            "target_parameters",
            "task_type",
            "trainable_token_indices",
            "use_bdlora",
            "velora_config")
        .forEach(name -> json.put(name, null));
    Stream.of("ensure_weight_tying", "fan_in_fan_out", "lora_bias", "use_dora", "use_qalora")
        .forEach(name -> json.put(name, false));
    Stream.of("alpha_pattern", "loftq_config", "rank_pattern")
        .forEach(name -> json.put(name, Map.of()));
    json.put(
        "auto_mapping",
        base.model()
            .map(
                model ->
                    new TreeMap<>(
                        Map.of(
                            "base_model_class", model.name(), "parent_library", model.library())))
            .orElse(null));
    json.put("base_model_name_or_path", base.name().orElse(null));
    json.put("bias", "none");
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    json.put("lora_alpha", whole(settings.alpha()));
    json.put("lora_dropout", settings.dropout());
    json.put("megatron_core", "megatron.core");
    json.put("peft_type", "LORA");
    json.put("peft_version", "0.21.0");
    json.put("qalora_group_size", 16);
    json.put("r", settings.rank());
    json.put("target_modules", settings.targets());
    json.put("use_rslora", settings.rankStabilised());
    json.write(file);
  }

  /** PEFT's alpha is a whole number where it can be. */
  private static Number whole(double alpha) {
    if (alpha == Math.rint(alpha) && alpha <= Integer.MAX_VALUE) {
      return (int) alpha;
    }
    return alpha;
  }
}

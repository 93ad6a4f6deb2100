package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Golden;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Shape;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.lora.LoraFactors;
import org.codonfuse.lora.LoraSettings;
import org.codonfuse.parameters.ParameterSpec;
import org.junit.jupiter.api.Test;

class AdaptableModulesTest {
  private static final String QUERY = "encoder.layer.1.attention.self.query";
  private static final AdaptableModules ESM2 =
      AdaptableModules.of(EncoderFamily.ESM2.config(48, 3, 4, 128));

  @Test
  void everyLinearLayerIsListedWithItsWidths() {
    assertEquals(
        List.of(
            new AdaptableModule(
                0, "layer.0.attention.query", "encoder.layer.0.attention.self.query", 48, 48),
            new AdaptableModule(
                0, "layer.0.attention.key", "encoder.layer.0.attention.self.key", 48, 48),
            new AdaptableModule(
                0, "layer.0.attention.value", "encoder.layer.0.attention.self.value", 48, 48),
            new AdaptableModule(
                0, "layer.0.attention.output", "encoder.layer.0.attention.output.dense", 48, 48),
            new AdaptableModule(
                0, "layer.0.intermediate", "encoder.layer.0.intermediate.dense", 48, 128),
            new AdaptableModule(0, "layer.0.output", "encoder.layer.0.output.dense", 128, 48)),
        ESM2.all().subList(0, 6));
    assertEquals(18, ESM2.all().size());
    AdaptableModules gated =
        AdaptableModules.of(EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2.config(32, 1, 4, 64));
    AdaptableModule intermediate = gated.all().get(4);
    assertEquals(List.of(32, 128), List.of(intermediate.in(), intermediate.out()));
    assertEquals(64, gated.all().getLast().in());
    assertEquals(
        ESM2.all().stream().map(AdaptableModule::path).toList(),
        AdaptableModules.of(EncoderFamily.RNA_FM.config(48, 3, 4, 128)).all().stream()
            .map(AdaptableModule::path)
            .toList());
  }

  @Test
  void targetsAreEndsOfNames() {
    assertEquals(6, adapted("query", "value"));
    assertEquals(9, adapted("dense"));
    assertEquals(3, adapted("attention.output.dense"));
    assertEquals(1, adapted(QUERY));
    assertEquals(18, adapted("all-linear"));
    assertEquals(
        List.of("query", "key", "value", "intermediate.dense", "output.dense"),
        ESM2.resolve(settings(4, "all-linear"), 0).targets());
  }

  private static int adapted(String... targets) {
    return ESM2.adapted(ESM2.resolve(settings(4, targets), 0)).size();
  }

  @Test
  void withFrozenLayersTheRestIsNamedWhole() {
    assertEquals(
        List.of(QUERY, "encoder.layer.2.attention.self.query"),
        ESM2.resolve(settings(4, "query"), 1).targets());
    assertEquals(6, ESM2.resolve(settings(4, "all-linear"), 2).targets().size());
  }

  @Test
  void impossibleRequestsAreNamed() {
    assertRefused(
        "The LoRA target 'quary' matches no linear layer of the encoder, did you mean 'query';"
            + " there are all-linear, attention.output.dense, ",
        settings(4, "value", "quary"),
        0);
    assertRefused("The LoRA target 'uery' matches", settings(4, "uery"), 0);
    assertRefused(
        "The LoRA rank 49 is above the width 48 of encoder.layer.0.attention.self.query; give at"
            + " most 48.",
        settings(49, "query"),
        0);
    assertRefused(
        "3 frozen layers leave none of the encoder's 3 to be adapted; freeze 0 to 2.",
        settings(4, "query"),
        3);
    assertRefused("-1 frozen layers", settings(4, "query"), -1);
    assertRefused(
        "The LoRA targets encoder.layer.1.attention.self.query are all in the 2 frozen layers;",
        settings(4, QUERY),
        2);
  }

  private static void assertRefused(String start, LoraSettings settings, int frozenLayers) {
    String message =
        assertThrows(UsageException.class, () -> ESM2.resolve(settings, frozenLayers)).getMessage();
    assertTrue(message.startsWith(start), message);
  }

  @Test
  void parametersBecomeAnAdapterAndComeBack() {
    LoraSettings settings = ESM2.resolve(settings(4, "output.dense"), 2);
    Map<String, float[]> values = new LinkedHashMap<>();
    for (ParameterSpec spec : ESM2.parameters(settings)) {
      float[] filled = new float[spec.shape().intSize()];
      filled[0] = values.size() + 1;
      values.put(spec.name(), filled);
    }
    assertEquals(
        List.of(
            "layer.2.attention.output.lora_A.weight",
            "layer.2.attention.output.lora_B.weight",
            "layer.2.output.lora_A.weight",
            "layer.2.output.lora_B.weight"),
        List.copyOf(values.keySet()));
    assertEquals(Shape.of(4, 128), ESM2.parameters(settings).get(2).shape());
    LoraAdapter adapter = ESM2.adapter(settings, values::get, LoraAdapter.Base.UNKNOWN);
    Map<String, float[]> back = ESM2.values(adapter);
    assertEquals(values.keySet(), back.keySet());
    back.forEach((name, read) -> assertArrayEquals(values.get(name), read, name));
  }

  @Test
  void goldenAdaptersFitTheirEncoder() {
    Path golden = Golden.directory();
    AdaptableModules modules =
        AdaptableModules.of(EncoderConfig.read(golden.resolve("encoders/esm2/config.json")));
    for (String name : List.of("query-value", "all-linear-rslora")) {
      LoraAdapter adapter = LoraAdapter.read(golden.resolve("lora").resolve(name));
      assertEquals(adapter.modules().size(), modules.factors(adapter).size());
      assertEquals(adapter.modules().size(), modules.adapted(adapter.settings()).size());
    }
  }

  @Test
  void adaptersOfAnotherEncoderAreNamed() {
    assertForeign(
        "the adapter changes encoder.layer.1.attention.self.query from 40 to 48 values, where the"
            + " encoder's has 48 and 48;",
        modules -> modules.put(QUERY, new LoraFactors(2, 40, 48, new float[80], new float[96])));
    assertForeign(
        "the adapter has no update for encoder.layer.1.attention.self.query, which its"
            + " target_modules name;",
        modules -> modules.remove(QUERY));
    assertForeign(
        "the adapter changes encoder.layer.3.attention.self.query, which the encoder of 3 layers"
            + " has not;",
        modules -> modules.put("encoder.layer.3.attention.self.query", modules.get(QUERY)));
    float[] trained = new float[96];
    trained[3] = 1;
    assertForeign(
        "the adapter changes pooler.query, which is no part of the encoder;",
        modules -> modules.put("pooler.query", new LoraFactors(2, 48, 48, new float[96], trained)));
  }

  @Test
  void untrainedUpdatesOfHeadsAreLeftOut() {
    LoraAdapter adapter =
        changed(
            modules ->
                modules.put(
                    "pooler.query", new LoraFactors(2, 48, 48, new float[96], new float[96])));
    assertEquals(3, ESM2.factors(adapter).size());
  }

  private static void assertForeign(
      String start, Consumer<SequencedMap<String, LoraFactors>> change) {
    LoraAdapter adapter = changed(change);
    String message =
        assertThrows(CodonfuseException.class, () -> ESM2.factors(adapter)).getMessage();
    assertTrue(message.startsWith(start), message);
  }

  private static LoraAdapter changed(Consumer<SequencedMap<String, LoraFactors>> change) {
    LoraSettings settings = settings(2, "query");
    SequencedMap<String, LoraFactors> modules = new LinkedHashMap<>();
    for (AdaptableModule module : ESM2.adapted(settings)) {
      modules.put(module.path(), new LoraFactors(2, 48, 48, new float[96], new float[96]));
    }
    change.accept(modules);
    return new LoraAdapter(settings, modules, LoraAdapter.Base.UNKNOWN);
  }

  private static LoraSettings settings(int rank, String... targets) {
    return new LoraSettings(rank, 16, 0, false, List.of(targets));
  }
}

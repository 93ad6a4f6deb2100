package org.codonfuse.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Golden;
import org.codonfuse.compute.Shape;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorData;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class LoraAdapterTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String QUERY_A =
      "base_model.model.encoder.layer.1.attention.self.query.lora_A.weight";
  private static final String QUERY_B =
      "base_model.model.encoder.layer.1.attention.self.query.lora_B.weight";

  @TempDir Path directory;

  @Test
  void readsWhatPeftWrote() {
    LoraAdapter plain = LoraAdapter.read(golden("query-value"));
    assertEquals(new LoraSettings(4, 16, 0, false, List.of("value", "query")), plain.settings());
    assertEquals(4, plain.settings().scale());
    LoraFactors query = plain.modules().get("encoder.layer.2.attention.self.query");
    assertEquals(List.of(4, 48, 48), List.of(query.rank(), query.in(), query.out()));
    assertEquals(plain.modules().size() * 2L * 4 * 48, plain.parameters());
    LoraAdapter all = LoraAdapter.read(golden("all-linear-rslora"));
    assertEquals(8 / Math.sqrt(8), all.settings().scale());
    LoraFactors wide = all.modules().get("encoder.layer.0.intermediate.dense");
    assertEquals(List.of(8, 48, 128), List.of(wide.rank(), wide.in(), wide.out()));
  }

  @TestFactory
  Stream<DynamicTest> writesTheBytesThatPeftWrote() {
    return Golden.cases("lora", LoraAdapter.CONFIG).stream()
        .map(
            adapter ->
                DynamicTest.dynamicTest(
                    adapter.getFileName().toString(),
                    () -> {
                      Path copy = directory.resolve(adapter.getFileName());
                      LoraAdapter.read(adapter).write(copy);
                      assertEquals(
                          Files.readString(adapter.resolve(LoraAdapter.CONFIG)),
                          Files.readString(copy.resolve(LoraAdapter.CONFIG)));
                      assertArrayEquals(
                          Files.readAllBytes(adapter.resolve(LoraAdapter.WEIGHTS)),
                          Files.readAllBytes(copy.resolve(LoraAdapter.WEIGHTS)));
                    }));
  }

  @Test
  void readsWhatItWrote() {
    SequencedMap<String, LoraFactors> modules = new LinkedHashMap<>();
    modules.put("encoder.layer.0.attention.self.key", factors(1));
    modules.put("encoder.layer.10.attention.self.key", factors(2));
    LoraSettings settings = new LoraSettings(2, 2.5, 0.25, true, List.of("key"));
    LoraAdapter.Base base =
        new LoraAdapter.Base(
            Optional.of("models/esm2"),
            Optional.of("c0ffee"),
            Optional.of(new LoraAdapter.ModelClass("EsmModel", "transformers.models.esm")));
    LoraAdapter adapter = new LoraAdapter(settings, modules, base);
    adapter.write(directory);
    LoraAdapter read = LoraAdapter.read(directory);
    assertEquals(settings, read.settings());
    assertEquals(base, read.base());
    assertEquals(modules.keySet(), read.modules().keySet());
    assertEquals(adapter.fingerprint(), read.fingerprint());
    assertEquals(Optional.of(directory), read.directory());
    assertEquals(Optional.empty(), adapter.directory());
  }

  @Test
  void fingerprintTellsScalesAndFactorsApart() {
    LoraSettings settings = new LoraSettings(2, 2, 0, false, List.of("key"));
    String one = fingerprint(settings, 1);
    assertEquals(one, fingerprint(settings, 1));
    assertNotEquals(one, fingerprint(settings, 2));
    assertNotEquals(one, fingerprint(new LoraSettings(2, 3, 0, false, List.of("key")), 1));
  }

  private static String fingerprint(LoraSettings settings, float first) {
    SequencedMap<String, LoraFactors> modules = new LinkedHashMap<>();
    modules.put("key", factors(first));
    return new LoraAdapter(settings, modules, LoraAdapter.Base.UNKNOWN).fingerprint();
  }

  private static LoraFactors factors(float first) {
    return new LoraFactors(2, 3, 1, new float[] {first, 2, 3, 4, 5, 6}, new float[] {7, 8});
  }

  @Test
  void oldFilesLackFieldsAndHaveOthers() throws IOException {
    copy();
    Files.writeString(
        directory.resolve(LoraAdapter.CONFIG),
        """
        {"base_model_name_or_path": "esm2", "bias": "none", "enable_lora": null,
         "fan_in_fan_out": false, "inference_mode": true, "lora_alpha": 16, "lora_dropout": 0.1,
         "merge_weights": false, "modules_to_save": null, "peft_type": "LORA", "r": 4,
         "target_modules": ["query", "value"], "task_type": null}
        """);
    LoraAdapter adapter = LoraAdapter.read(directory);
    assertEquals(
        new LoraSettings(4, 16, 0.1, false, List.of("query", "value")), adapter.settings());
    assertEquals(Optional.of("esm2"), adapter.base().name());
  }

  @Test
  void patternsMatchWholeNamesWithOrWithoutThePrefix() throws IOException {
    for (String pattern :
        List.of(
            ".*\\.attention\\.self\\.(query|value)",
            "esm\\.encoder\\.layer\\.[0-9]+\\.attention\\.self\\.(query|value)")) {
      copy();
      config(json -> json.put("target_modules", pattern));
      LoraAdapter adapter = LoraAdapter.read(directory);
      assertTrue(adapter.targets("encoder.layer.9.attention.self.query"));
      assertTrue(!adapter.targets("encoder.layer.9.attention.self.key"));
      assertEquals(List.copyOf(adapter.modules().keySet()), adapter.settings().targets());
    }
  }

  @Test
  void prefixesOfModelsWithAHeadAreLeftOut() throws IOException {
    for (String prefix : List.of("esm.", "model.", "rnafm.")) {
      copy();
      weights(
          tensors -> {
            Map<String, TensorData> renamed = new TreeMap<>();
            tensors.forEach(
                (name, data) ->
                    renamed.put(name.replace(".encoder.", "." + prefix + "encoder."), data));
            tensors.clear();
            tensors.putAll(renamed);
          });
      config(
          json ->
              json.putArray("target_modules")
                  .add("value")
                  .add(prefix + "encoder.layer.0.attention.self.query")
                  .add("encoder.layer.1.attention.self.query")
                  .add("2.attention.self.query"));
      assertEquals(
          LoraAdapter.read(golden("query-value")).fingerprint(),
          LoraAdapter.read(directory).fingerprint());
    }
  }

  @TestFactory
  Stream<DynamicTest> fieldsThatChangeTheMathematicsAreRefused() {
    return Stream.of(
            "use_dora true",
            "use_qalora true",
            "lora_bias true",
            "fan_in_fan_out true",
            "use_bdlora {\"nblocks\":2}",
            "alora_invocation_tokens [1]",
            "arrow_config {\"top_k\":3}",
            "kasa_config {\"x\":1}",
            "monteclora_config {\"num_samples\":8}",
            "rank_pattern {\"query\":2}",
            "alpha_pattern {\"query\":2}",
            "layers_to_transform 0",
            "layers_to_transform [1]",
            "layers_pattern \"layer\"",
            "layer_replication [[0,2]]",
            "modules_to_save [\"classifier\"]",
            "trainable_token_indices [3]",
            "target_parameters [\"weight\"]",
            "exclude_modules \"x\"",
            "a_field_of_tomorrow 1",
            "bias \"all\"",
            "init_lora_weights \"pissa\"",
            "init_lora_weights \"pissa_niter_4\"",
            "init_lora_weights \"olora\"",
            "init_lora_weights \"loftq\"",
            "init_lora_weights \"corda\"",
            "init_lora_weights \"lora_ga\"",
            "peft_type \"LOHA\"",
            "r 0",
            "r 4.5",
            "r null",
            "lora_alpha -1",
            "lora_alpha null",
            "lora_dropout 1",
            "use_rslora 1",
            "target_modules null",
            "target_modules []",
            "target_modules [1]",
            "target_modules \"(\"")
        .map(
            change ->
                DynamicTest.dynamicTest(
                    change,
                    () -> {
                      String field = change.substring(0, change.indexOf(' '));
                      JsonNode value = JSON.readTree(change.substring(field.length() + 1));
                      copy();
                      config(json -> json.set(field, value));
                      String start =
                          directory.resolve(LoraAdapter.CONFIG) + ": field '" + field + "' is ";
                      assertTrue(refusal().startsWith(start), refusal());
                    }));
  }

  @Test
  void fieldsWithoutEffectAreNot() throws IOException {
    copy();
    config(
        json -> {
          json.put("init_lora_weights", "gaussian");
          json.put("task_type", "FEATURE_EXTRACTION");
          json.put("revision", "main");
          json.putObject("velora_config").put("num_groups", 2);
          json.put("inference_mode", false);
          json.put("a_field_of_tomorrow", false);
        });
    assertEquals(4, LoraAdapter.read(directory).settings().rank());
  }

  @Test
  void damagedWeightsAreNamed() throws IOException {
    assertWeightsRefused(
        "lora_B of 'encoder.layer.1.attention.self.query' is missing",
        tensors -> tensors.remove(QUERY_B));
    assertWeightsRefused(
        "tensor 'base_model.model.encoder.layer.1.attention.self.query.lora_magnitude_vector' is no"
            + " factor",
        tensors ->
            tensors.put(
                QUERY_A.replace("lora_A.weight", "lora_magnitude_vector"),
                TensorData.of(Shape.of(1), new float[1])));
    assertWeightsRefused(
        "tensor 'encoder.layer.1.attention.self.query.lora_A.weight' is no factor",
        tensors -> tensors.put(QUERY_A.substring(17), tensors.remove(QUERY_A)));
    assertWeightsRefused(
        "'base_model.model.encoder.layer.1.attention.self.key.lora_A.weight' adapts a module that",
        tensors -> tensors.put(QUERY_A.replace("query", "key"), tensors.get(QUERY_A)));
    assertWeightsRefused(
        "are the same one",
        tensors -> tensors.put(QUERY_A.replace(".encoder", ".esm.encoder"), tensors.get(QUERY_A)));
    assertWeightsRefused(
        "has shape [5, 48], so rank 5, where r in adapter_config.json is 4",
        tensors -> tensors.put(QUERY_A, TensorData.of(Shape.of(5, 48), new float[240])));
    assertWeightsRefused(
        "has shape [48] and is no factor",
        tensors -> tensors.put(QUERY_B, TensorData.of(Shape.of(48), new float[48])));
    float[] broken = new float[4 * 48];
    broken[7] = Float.NaN;
    assertWeightsRefused(
        "tensor '" + QUERY_A + "' holds NaN at element 7",
        tensors -> tensors.put(QUERY_A, TensorData.of(Shape.of(4, 48), broken)));
    assertWeightsRefused("holds no factors", Map::clear);
  }

  @Test
  void missingAndDamagedFilesAreNamed() throws IOException {
    assertTrue(refusal().contains("adapter_config.json: cannot be read (no such file"), refusal());
    copy();
    Files.delete(directory.resolve(LoraAdapter.WEIGHTS));
    assertTrue(refusal().contains(LoraAdapter.WEIGHTS), refusal());
    Files.writeString(directory.resolve(LoraAdapter.CONFIG), "{\n\"r\": ,\n}");
    assertTrue(refusal().contains("adapter_config.json:2: not valid JSON"), refusal());
    Files.writeString(directory.resolve(LoraAdapter.CONFIG), "[]");
    assertTrue(refusal().contains("is no JSON object"), refusal());
  }

  private void assertWeightsRefused(String expected, Consumer<Map<String, TensorData>> change)
      throws IOException {
    copy();
    weights(change);
    assertTrue(refusal().startsWith(directory.resolve(LoraAdapter.WEIGHTS) + ": "), refusal());
    assertTrue(refusal().contains(expected), refusal());
  }

  private String refusal() {
    return assertThrows(CodonfuseException.class, () -> LoraAdapter.read(directory)).getMessage();
  }

  private void copy() {
    LoraAdapter.read(golden("query-value")).write(directory);
  }

  private void config(Consumer<ObjectNode> change) throws IOException {
    Path file = directory.resolve(LoraAdapter.CONFIG);
    ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
    change.accept(json);
    Files.writeString(file, json.toString());
  }

  private void weights(Consumer<Map<String, TensorData>> change) {
    Path file = directory.resolve(LoraAdapter.WEIGHTS);
    Map<String, TensorData> tensors = new TreeMap<>();
    try (SafetensorsFile source = SafetensorsFile.open(file)) {
      for (String name : source.names()) {
        tensors.put(name, TensorData.of(source.info(name).shape(), source.floats(name)));
      }
    }
    change.accept(tensors);
    SafetensorsWriter.write(file, tensors);
  }

  private static Path golden(String name) {
    return Golden.directory().resolve("lora").resolve(name);
  }
}

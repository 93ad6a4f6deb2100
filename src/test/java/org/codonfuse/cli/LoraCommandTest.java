package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.Golden;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.encoder.PublishedEncoder;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.StoredType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraCommandTest {
  private static final String ADAPTER = golden("lora/query-value");
  private static final String ALL = golden("lora/all-linear-rslora");
  private static final String ESM2 = golden("encoders/esm2");

  @TempDir private Path folder;

  private static String golden(String name) {
    return Golden.directory().resolve(name).toString();
  }

  private Said lora(String... args) {
    String[] all = new String[args.length + 1];
    all[0] = "lora";
    System.arraycopy(args, 0, all, 1, args.length);
    return new RunCommandsFixture(folder).call(all);
  }

  private void assertFails(int code, String error, String... args) {
    Said said = lora(args);
    assertEquals(code, said.code(), said.err());
    assertTrue(said.err().startsWith("codonfuse: " + error), said.err());
    assertEquals("", said.out());
  }

  @Test
  void infoSaysWhatAnAdapterIsAndHowMuchItChanges() {
    Said said = lora("info", ALL, "--model", ESM2);
    assertEquals(0, said.code(), said.err());
    assertEquals(
        """
        %s:
          base model  %s
          rank        8
          alpha       8
          scale       2.8284 (alpha / √rank)
          dropout     0
          targets     value, key, dense, query
          modules     18
          parameters  17,664, 26.03 %% of the encoder's 67,872
          norm of the updates as a share of the weights':
            attention.self.query    mean 58.8 %%, at most 59.7 %% in layer 0
        """
            .formatted(ALL, ESM2),
        said.out().substring(0, said.out().indexOf("    attention.self.key")));
    Said alone = lora("info", ADAPTER);
    assertEquals(0, alone.code(), alone.err());
    assertTrue(alone.out().contains("base model  unknown (not at hand; --model"), alone.out());
    assertFalse(alone.out().contains("norm"), alone.out());
  }

  @Test
  void jsonHasEveryModule() throws IOException {
    JsonNode adapter =
        new ObjectMapper()
            .readTree(lora("info", ADAPTER, "--model", ESM2, "--json").out())
            .path("adapters")
            .path(0);
    assertEquals(4, adapter.path("rank").asInt());
    assertEquals(4.0, adapter.path("scale").asDouble());
    assertEquals(2304, adapter.path("parameters").asInt());
    assertEquals(67_872, adapter.path("encoder_parameters").asInt());
    assertTrue(adapter.path("base_model_at_hand").asBoolean());
    assertEquals(6, adapter.path("updates").size());
    JsonNode update = adapter.path("updates").path(5);
    assertEquals("encoder.layer.2.attention.self.value", update.path("module").asText());
    assertTrue(update.path("relative_norm").asDouble() > 0);
    JsonNode alone =
        new ObjectMapper().readTree(lora("info", ADAPTER, "--json").out()).path("adapters").path(0);
    assertEquals(
        update.path("norm").asDouble(), alone.path("updates").path(5).path("norm").asDouble());
    assertFalse(alone.path("base_model_at_hand").asBoolean());
  }

  @Test
  void mergedIsAModelOfItsOwn() throws IOException {
    Said said = lora("merge", ADAPTER, "--model", ESM2, "--output=@merged");
    assertEquals(0, said.code(), said.err());
    assertTrue(said.out().contains("2,304 parameters adapted, float32"), said.out());
    Path merged = folder.resolve("merged");
    try (SafetensorsFile before = SafetensorsFile.open(Path.of(ESM2, "model.safetensors"));
        SafetensorsFile after = SafetensorsFile.open(merged.resolve("model.safetensors"))) {
      assertEquals(before.names(), after.names());
      for (String name : before.names()) {
        if (before.info(name).type() == StoredType.I64) {
          assertArrayEquals(before.longs(name), after.longs(name), name);
          continue;
        }
        boolean adapted = name.endsWith("query.weight") || name.endsWith("value.weight");
        float[] old = before.floats(name);
        if (adapted) {
          assertFalse(Arrays.equals(old, after.floats(name)), name);
        } else {
          assertArrayEquals(old, after.floats(name), name);
        }
      }
    }
    assertEquals(0, new RunCommandsFixture(folder).call("models", "verify", "@merged").code());
    assertFails(
        1,
        folder + "/merged/model.safetensors: is there already; choose another --output.",
        "merge",
        ADAPTER,
        "--model",
        ESM2,
        "--output=@merged");
    assertEquals(
        0, lora("merge", ALL, "--model", ESM2, "--output=@half", "--dtype=bfloat16").code());
    try (PublishedEncoder half = PublishedEncoder.open(folder.resolve("half"))) {
      assertEquals(Set.of(StoredType.BF16), half.types());
    }
  }

  @Test
  void theModelThatAnAdapterNotesIsFound() {
    LoraAdapter golden = LoraAdapter.read(Path.of(ADAPTER));
    adapter(golden, Optional.of(ESM2), Optional.empty());
    assertEquals(0, lora("merge", folder + "/adapter", "--output=@merged").code());

    adapter(golden, Optional.of("models/gone"), Optional.empty());
    assertFails(
        1,
        folder
            + "/adapter: the model that it changes, models/gone, is not here; give it with --model"
            + " MODEL.",
        "merge",
        folder + "/adapter",
        "--output=@other");

    adapter(golden, Optional.of(ESM2), Optional.of("c0ffee"));
    String foreign =
        "%s: is not the model that %s/adapter was trained on, %s (its files differ); give that one."
            .formatted(ESM2, folder, ESM2);
    assertFails(1, foreign, "merge", folder + "/adapter", "--output=@other");
    assertFails(1, foreign, "info", folder + "/adapter", "--model", ESM2);
    Said said = lora("info", folder + "/adapter");
    assertEquals(0, said.code());
    assertTrue(said.err().contains(foreign), said.err());
    assertTrue(said.out().contains(ESM2 + " (not at hand"), said.out());
    assertFalse(Files.exists(folder.resolve("other")));
  }

  private void adapter(LoraAdapter like, Optional<String> name, Optional<String> fingerprint) {
    new LoraAdapter(
            like.settings(),
            like.modules(),
            new LoraAdapter.Base(name, fingerprint, Optional.empty()))
        .write(folder.resolve("adapter"));
  }

  @Test
  void badInputIsNamed() throws IOException {
    assertFails(1, folder + "/none: is neither a run nor an adapter", "info", folder + "/none");
    assertFails(1, ESM2 + "/config.json: not the configuration of a run", "info", ESM2);
    assertFails(
        1,
        ADAPTER + ": the adapter changes encoder.layer.0.attention.self.query from 48 to 48",
        "merge",
        ADAPTER,
        "--model",
        golden("encoders/rna-fm-original"),
        "--output=@merged");
    assertFails(
        2,
        ADAPTER + " is one adapter; give one --model;",
        "info",
        ADAPTER,
        "--model=a",
        "--model=b");
    assertFails(2, "", "merge", ADAPTER, "--model", ESM2, "--output=@merged", "--dtype=int4");
    Files.writeString(folder.resolve("file"), "");
    assertFails(1, folder + "/file", "merge", ADAPTER, "--model", ESM2, "--output=@file");
    assertFalse(Files.exists(folder.resolve("merged")));
  }
}

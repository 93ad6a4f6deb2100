package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.torch.TorchBackend;
import org.codonfuse.weights.TensorData;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What a damaged or mixed-up model directory says. */
class EncoderLoadTest {
  private static final String LAYER = "esm.encoder.layer.0.";
  private static final String FREQUENCIES = "attention.self.rotary_embeddings.inv_freq";

  @TempDir Path temporary;

  /** A change to a directory, the start of the message after its path, and what it mentions. */
  private record Damage(
      String what,
      EncoderFamily family,
      Consumer<EncoderDirectory> change,
      String file,
      String... mentioned) {}

  private static Stream<Damage> damages() {
    return Stream.of(
        esm(
            "a missing bias",
            d -> d.weights(t -> t.remove(LAYER + "attention.self.query.bias")),
            "model.safetensors",
            "layer.0.attention.query.bias",
            "missing"),
        esm(
            "a missing embedding",
            d -> d.weights(t -> t.remove("esm.embeddings.word_embeddings.weight")),
            "model.safetensors",
            "embeddings.tokens.weight",
            "missing"),
        esm(
            "frequencies of some layers only",
            d -> d.weights(t -> t.remove("esm.encoder.layer.1." + FREQUENCIES)),
            "model.safetensors",
            "layer.1.attention.frequencies",
            "missing"),
        esm(
            "an unknown tensor",
            d -> d.weights(t -> t.put(LAYER + "adapter.weight", EncoderDirectory.zeros(4))),
            "model.safetensors",
            LAYER + "adapter.weight",
            "not part of any known encoder layout"),
        esm(
            "one layer more",
            d ->
                d.weights(
                    t -> t.put("esm.encoder.layer.2.LayerNorm.bias", EncoderDirectory.zeros(8))),
            "model.safetensors",
            "esm.encoder.layer.2.LayerNorm.bias",
            "more than config.json describes"),
        esm(
            "a tensor of another shape",
            d ->
                d.weights(t -> t.put(LAYER + "output.dense.weight", EncoderDirectory.zeros(8, 11))),
            "model.safetensors",
            LAYER + "output.dense.weight",
            "[8, 11]",
            "[8, 10]",
            "belong to different models"),
        esm(
            "twice the vocabulary",
            d ->
                d.weights(
                    t ->
                        t.put(
                            "esm.embeddings.word_embeddings.weight",
                            EncoderDirectory.zeros(66, 8))),
            "model.safetensors",
            "[66, 8]",
            "belong to different models"),
        esm(
            "frequencies for another head width",
            d -> d.weights(t -> t.put(LAYER + FREQUENCIES, EncoderDirectory.zeros(4))),
            "model.safetensors",
            LAYER + FREQUENCIES,
            "[4]",
            "[2]"),
        new Damage(
            "a gated checkpoint with a plain configuration",
            EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2,
            d -> d.config(json -> json.remove("add_bias_fnn")),
            "model.safetensors",
            LAYER + "intermediate.dense.weight",
            "[20, 8]",
            "[10, 8]",
            "gated NT-v2 checkpoint read with a plain ESM config",
            "add_bias_fnn"),
        esm(
            "both spellings of one tensor",
            d ->
                d.weights(
                    t -> t.put("embeddings.word_embeddings.weight", EncoderDirectory.zeros(33, 8))),
            "model.safetensors",
            "'embeddings.word_embeddings.weight'",
            "'esm.embeddings.word_embeddings.weight'",
            "are the same one"),
        esm(
            "whole numbers",
            d ->
                d.weights(
                    t ->
                        t.put(
                            "esm.encoder.emb_layer_norm_after.bias",
                            TensorData.ofLongs(Shape.of(8), new long[8]))),
            "model.safetensors",
            "esm.encoder.emb_layer_norm_after.bias",
            "I64",
            "not supported"),
        esm(
            "a truncated weight file",
            d -> d.content(d.weights(), cut(d.content(d.weights()), 10)),
            "model.safetensors"),
        esm(
            "a weight file cut in its header",
            d -> d.content(d.weights(), Arrays.copyOf(d.content(d.weights()), 100)),
            "model.safetensors",
            "truncated within its header"),
        esm("no weight file", d -> d.delete(d.weights()), "model.safetensors", "no such file"),
        esm("no configuration", d -> d.delete(d.config()), "config.json", "no such file"),
        esm(
            "a cut configuration",
            d -> d.content(d.config(), "{\n\"model_type\":".getBytes(StandardCharsets.UTF_8)),
            "config.json",
            "not valid JSON"),
        esm(
            "a configuration of another type",
            d -> d.config(json -> json.put("model_type", "bert")),
            "config.json",
            "model_type",
            "bert"),
        esm("no vocabulary", d -> d.delete(d.vocabulary()), "vocab.txt", "no such file"),
        esm(
            "a vocabulary larger than the configuration's",
            d -> d.config(json -> json.put("vocab_size", 20)),
            "vocab.txt",
            "33 tokens",
            "vocab_size 20"),
        esm(
            "a padding token with another id",
            d -> d.config(json -> json.put("pad_token_id", 5)),
            "",
            "config.json has pad_token_id 5",
            "vocab.txt has 1"),
        esm(
            "a mask token with another id",
            d -> d.config(json -> json.put("mask_token_id", 7)),
            "",
            "mask_token_id 7",
            "and 32"),
        esm(
            "another model's vocabulary",
            d ->
                d.content(
                    d.vocabulary(),
                    String.join("\n", EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2.vocabulary())
                        .getBytes(StandardCharsets.UTF_8)),
            "vocab.txt",
            "4107 tokens"));
  }

  private static Damage esm(
      String what, Consumer<EncoderDirectory> change, String file, String... mentioned) {
    return new Damage(what, EncoderFamily.ESM2, change, file, mentioned);
  }

  private static byte[] cut(byte[] bytes, int by) {
    return Arrays.copyOf(bytes, bytes.length - by);
  }

  @TestFactory
  Stream<DynamicTest> damagedDirectoriesAreRefusedByNameAndLeaveNothing() {
    return TestBackends.names().stream()
        .flatMap(
            backend ->
                damages()
                    .map(
                        damage ->
                            DynamicTest.dynamicTest(
                                damage.what() + ", " + backend,
                                () -> assertRefused(backend, damage))));
  }

  private void assertRefused(String backendName, Damage damage) {
    EncoderConfig config = damage.family().config(8, 2, 2, 10);
    Path path = temporary.resolve(backendName + " " + damage.what());
    EncoderDirectory directory = EncoderDirectory.write(path, damage.family(), config);
    try (Backend backend = TestBackends.open(backendName)) {
      Encoder.load(backend, path).close();
      damage.change().accept(directory);
      final long before = TorchBackend.liveHandles();
      var e = assertThrows(CodonfuseException.class, () -> Encoder.load(backend, path).close());
      assertEquals(before, TorchBackend.liveHandles(), "native tensors left");
      String message = e.getMessage();
      assertTrue(message.startsWith(path.resolve(damage.file()).toString()), message);
      assertFalse(message.contains("\n"), message);
      for (String part : damage.mentioned()) {
        assertTrue(message.contains(part), () -> "'" + part + "' in: " + message);
      }
      boolean gated = damage.family() == EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2;
      assertEquals(gated, message.contains("gated"), message);
    }
  }

  @Test
  void aDirectoryThatIsNoneSaysWhatItMustHold() {
    Path none = temporary.resolve("none");
    try (Backend backend = TestBackends.open("scalar")) {
      var e = assertThrows(CodonfuseException.class, () -> Encoder.load(backend, none).close());
      for (String part : List.of(none + ":", "config.json", "vocab.txt", "model.safetensors")) {
        assertTrue(e.getMessage().contains(part), e.getMessage());
      }
    }
  }
}

package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FreshEncoderTest {
  @TempDir private Path folder;

  private Path write(EncoderFamily family, long seed) {
    Path directory = folder.resolve(family + "-" + seed);
    FreshEncoder.write(directory, family, family.config(32, 2, 4, 48), seed);
    return directory;
  }

  @ParameterizedTest
  @EnumSource
  void beginsAsTheReferencesDo(EncoderFamily family) {
    Path directory = write(family, 1);
    EncoderConfig config = EncoderConfig.read(directory.resolve("config.json"));
    try (SafetensorsFile file = SafetensorsFile.open(directory.resolve("model.safetensors"))) {
      for (String name : file.names()) {
        float[] values = file.floats(name);
        if (name.toLowerCase(Locale.ROOT).matches(".*(layer_?norm|norm_after).weight")) {
          assertTrue(all(values, 1), name);
        } else if (name.endsWith("bias")) {
          assertTrue(all(values, 0), name);
        } else if (!name.endsWith("inv_freq")) {
          double square =
              IntStream.range(0, values.length).mapToDouble(i -> values[i] * values[i]).sum();
          assertEquals(0.02, Math.sqrt(square / values.length), 0.002, name);
        }
        if (name.endsWith("_embeddings.weight")) {
          int width = config.hiddenSize();
          float[] padding =
              Arrays.copyOfRange(values, config.padId() * width, (config.padId() + 1) * width);
          assertTrue(all(padding, 0), name);
        }
      }
      assertEquals(
          file.names().stream()
              .filter(name -> !name.endsWith("inv_freq"))
              .mapToLong(name -> file.info(name).shape().size())
              .sum(),
          FreshEncoder.parameters(config));
      assertEquals(
          family == EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2,
          file.names().contains("lm_head.decoder.weight"));
    }
  }

  private static boolean all(float[] values, float value) {
    return IntStream.range(0, values.length).allMatch(i -> values[i] == value);
  }

  @ParameterizedTest
  @EnumSource
  void scoresTokens(EncoderFamily family) {
    Path directory = write(family, 1);
    try (PublishedEncoder published = PublishedEncoder.open(directory)) {
      assertTrue(published.hasHead());
    }
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = Encoder.load(backend, directory);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tokens tokens = encoder.tokenizer().tokenize("ACGUUAGCAAGG");

      float[] scores = encoder.forward(List.of(tokens), EncoderLayer.LOGITS).toFloats();

      assertEquals(tokens.length() * family.vocabulary().size(), scores.length);
      // Nothing is known yet: all tokens are nearly as likely.
      assertTrue(IntStream.range(0, scores.length).allMatch(i -> Math.abs(scores[i]) < 1));
      assertFalse(all(scores, scores[0]));
    }
  }

  @Test
  void theSeedDecides() throws IOException {
    Path one = write(EncoderFamily.RNA_FM, 1).resolve("model.safetensors");
    byte[] first = Files.readAllBytes(one);
    byte[] again = Files.readAllBytes(write(EncoderFamily.RNA_FM, 1).resolve("model.safetensors"));
    byte[] other = Files.readAllBytes(write(EncoderFamily.RNA_FM, 2).resolve("model.safetensors"));

    assertArrayEquals(first, again);
    assertFalse(Arrays.equals(first, other));
  }

  @ParameterizedTest
  @EnumSource
  void aFamilyIsKnownByItsVocabulary(EncoderFamily family) {
    Path file = write(family, 1).resolve("config.json");

    assertEquals(family, EncoderFamily.of(EncoderConfig.read(file), file));
  }

  @Test
  void anotherVocabularyIsOfNoFamily() {
    EncoderDirectory directory =
        new EncoderDirectory(write(EncoderFamily.ESM2, 1))
            .config(json -> json.put("vocab_size", 34));
    EncoderConfig config = EncoderConfig.read(directory.config());

    CodonfuseException failure =
        assertThrows(CodonfuseException.class, () -> EncoderFamily.of(config, directory.config()));

    assertTrue(
        failure.getMessage().startsWith(directory.config() + ": vocab_size 34, "),
        failure.getMessage());
  }
}

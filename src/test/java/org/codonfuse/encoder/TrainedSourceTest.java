package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.Golden;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.Checkpoint;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.TensorSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoders that are written after a training. */
class TrainedSourceTest {
  private static final Path ENCODERS = Golden.directory().resolve("encoders");
  private static final String QUERY = "layer.1.attention.query.weight";

  @TempDir private Path folder;

  private static float[] filled(int size, float value) {
    float[] values = new float[size];
    Arrays.fill(values, value);
    return values;
  }

  private SafetensorsFile written(String golden, Map<String, float[]> trained) {
    try (PublishedEncoder encoder = PublishedEncoder.open(ENCODERS.resolve(golden), trained)) {
      encoder.write(folder, Optional.empty());
    }
    return SafetensorsFile.open(folder.resolve("model.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"esm2", "nucleotide-transformer-v2", "rna-fm-multimolecule", "rna-fm-original"})
  void replacesWhatWasTrainedAndNothingElse(String golden) {
    Path directory = ENCODERS.resolve(golden);
    EncoderConfig config = EncoderConfig.read(directory.resolve("config.json"));
    int hidden = config.hiddenSize();
    float[] query = filled(hidden * hidden, 0.5f);
    float[] bias = filled(hidden, 2);
    Map<String, float[]> trained = Map.of(QUERY, query, "norm.bias", bias);
    try (TensorSource source = Checkpoint.find(directory).open();
        SafetensorsFile file = written(golden, trained)) {
      Map<String, String> before = EncoderParameters.names(config, source);
      EncoderParameters.names(config, file)
          .forEach(
              (ours, name) ->
                  assertArrayEquals(
                      trained.getOrDefault(ours, source.floats(before.get(ours))),
                      file.floats(name),
                      name));
    }
  }

  @Test
  void aDecoderThatIsTheTableOfTokensStaysIt() {
    float[] table = filled(33 * 48, 0.25f);
    try (SafetensorsFile file = written("esm2", Map.of(EncoderParameters.TOKENS, table))) {
      assertArrayEquals(table, file.floats("esm.embeddings.word_embeddings.weight"));
      assertArrayEquals(table, file.floats("lm_head.decoder.weight"));
    }
  }

  @Test
  void aDecoderOfItsOwnIsReplacedAlone() {
    float[] decoder = filled(4107 * 32, 0.25f);
    try (SafetensorsFile file =
        written("nucleotide-transformer-v2", Map.of(EncoderParameters.DECODER, decoder))) {
      assertArrayEquals(decoder, file.floats("lm_head.decoder.weight"));
      assertFalse(Arrays.equals(decoder, file.floats("esm.embeddings.word_embeddings.weight")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rna-fm-multimolecule", "rna-fm-original"})
  void aHeadIsReplacedOrAdded(String golden) {
    Path directory = ENCODERS.resolve(golden);
    EncoderConfig config = EncoderConfig.read(directory.resolve("config.json"));
    Map<String, float[]> head = FreshEncoder.head(config, 3);
    boolean multiMolecule = golden.endsWith("multimolecule");
    try (SafetensorsFile file = written(golden, head)) {
      String dense = multiMolecule ? "lm_head.transform.dense.weight" : "lm_head.dense.weight";
      assertArrayEquals(head.get("head.dense.weight"), file.floats(dense));
      assertArrayEquals(head.get("head.bias"), file.floats("lm_head.bias"));
    }
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = Encoder.load(backend, folder);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tokens tokens = encoder.tokenizer().tokenize("ACGU");

      assertEquals(6 * 25, encoder.forward(List.of(tokens), EncoderLayer.LOGITS).toFloats().length);
    }
  }

  @Test
  void whatIsNoTensorOfTheEncoderIsRefused() {
    Path esm2 = ENCODERS.resolve("esm2");

    assertThrows(
        IllegalArgumentException.class,
        () -> PublishedEncoder.open(esm2, Map.of("layer.3.norm.bias", new float[48])));
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> PublishedEncoder.open(esm2, Map.of("norm.bias", new float[47])))
            .getMessage()
            .contains("cannot become 47 values"));
  }
}

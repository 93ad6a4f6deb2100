package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Golden;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.Checkpoint;
import org.codonfuse.weights.TensorSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag(TestBackends.TAG)
class EncoderLayerTest {
  private static final EncoderConfig FOUR_LAYERS = EncoderFamily.ESM2.config(16, 4, 2, 32);
  private static final String SEQUENCE = "AUGGCCAAAUUUGGGCCC";

  @Test
  void everyLayerHasOneName() {
    assertEquals("last", EncoderLayer.parse("last").label(FOUR_LAYERS));
    assertEquals("last", EncoderLayer.parse("4").label(FOUR_LAYERS));
    assertEquals("last", EncoderLayer.parse("-1").label(FOUR_LAYERS));
    assertEquals("3", EncoderLayer.parse("-2").label(FOUR_LAYERS));
    assertEquals("0", EncoderLayer.parse("-5").label(FOUR_LAYERS));
    assertEquals("logits", EncoderLayer.parse("logits").label(FOUR_LAYERS));
  }

  @Test
  void layersThatAModelDoesNotHaveAreRefusedWithThoseItHas() {
    for (String layer : List.of("5", "-6")) {
      String message =
          assertThrows(UsageException.class, () -> EncoderLayer.parse(layer).depth(FOUR_LAYERS))
              .getMessage();
      assertTrue(message.contains("--layer " + layer) && message.contains("to 4"), message);
    }
    assertThrows(UsageException.class, () -> EncoderLayer.parse("first"));
  }

  @OnEveryBackend
  void hiddenStatesAreCountedFromTheEmbeddings(String name) {
    for (Path model : models()) {
      try (Backend backend = TestBackends.open(name);
          Encoder encoder = Encoder.load(backend, model);
          Scope _ = backend.openScope(Mode.INFERENCE)) {
        List<Tokens> batch = List.of(encoder.tokenizer().tokenize(SEQUENCE));
        int layers = encoder.config().layers();
        float[] last = encoder.forward(batch).toFloats();
        assertArrayEquals(last, forward(encoder, batch, layers));
        assertArrayEquals(last, forward(encoder, batch, -1));
        assertArrayEquals(
            forward(encoder, batch, layers - 1), forward(encoder, batch, -2), "last but one");
        if (!encoder.config().tokenDropout() && encoder.config().rotary()) {
          assertArrayEquals(
              embeddings(model, encoder, batch.getFirst()), forward(encoder, batch, 0));
        }
      }
    }
  }

  @Test
  void logitsScoreTheVocabularyAlikeOnEveryBackend() {
    Path model = models().stream().filter(path -> path.endsWith("esm2")).findFirst().orElseThrow();
    float[] expected = logits("scalar", model, Precision.FLOAT32);
    for (String name : TestBackends.names()) {
      if (TestBackends.missing(name).isEmpty()) {
        assertArrayEquals(expected, logits(name, model, Precision.FLOAT32), 1e-4f, name);
      }
    }
  }

  @OnEveryBackend
  void logitsNeedAHead(String name) {
    for (Path model : models()) {
      if (model.getFileName().toString().startsWith("rna-fm-multimolecule")) {
        try (Backend backend = TestBackends.open(name);
            Encoder encoder = Encoder.load(backend, model);
            Scope _ = backend.openScope(Mode.INFERENCE)) {
          List<Tokens> batch = List.of(encoder.tokenizer().tokenize(SEQUENCE));
          String message =
              assertThrows(
                      CodonfuseException.class,
                      () -> encoder.forward(batch, EncoderLayer.LOGITS).toFloats())
                  .getMessage();
          assertTrue(message.contains("lm_head"), message);
        }
      }
    }
  }

  private static float[] forward(Encoder encoder, List<Tokens> batch, int index) {
    return encoder.forward(batch, new EncoderLayer(index, false)).toFloats();
  }

  private static float[] logits(String name, Path model, Precision precision) {
    try (Backend backend = TestBackends.open(name);
        Encoder encoder = Encoder.load(backend, model, precision);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tokens tokens = encoder.tokenizer().tokenize("MKTAYIAK");
      Tensor logits = encoder.forward(List.of(tokens), EncoderLayer.LOGITS);
      assertEquals(Shape.of(tokens.length(), encoder.config().vocabularySize()), logits.shape());
      return logits.toFloats();
    }
  }

  /** Rows of the table of token embeddings. */
  private static float[] embeddings(Path model, Encoder encoder, Tokens tokens) {
    int width = encoder.config().hiddenSize();
    try (TensorSource source = Checkpoint.find(model).open()) {
      float[] table = source.floats("esm.embeddings.word_embeddings.weight");
      float[] rows = new float[tokens.length() * width];
      for (int t = 0; t < tokens.length(); t++) {
        System.arraycopy(table, tokens.ids()[t] * width, rows, t * width, width);
      }
      return rows;
    }
  }

  private static List<Path> models() {
    return Golden.cases("encoders", "model.safetensors");
  }
}

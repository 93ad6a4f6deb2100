package org.codonfuse.embedding;

import static org.codonfuse.embedding.EmbeddingFixture.WIDTH;
import static org.codonfuse.embedding.EmbeddingFixture.inputs;
import static org.codonfuse.embedding.EmbeddingFixture.random;
import static org.codonfuse.embedding.EmbeddingFixture.rows;
import static org.codonfuse.embedding.EmbeddingFixture.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.codonfuse.CodonfuseException;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.EncoderLayer;
import org.codonfuse.token.Tokens;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag(TestBackends.TAG)
class LongSequencesTest {
  private static final float TOLERANCE = 1e-5f;

  /** Special tokens included. */
  private static final int MAX_TOKENS = 12;

  private static final String LONG = random(new SplittableRandom(9), 40);

  @TempDir Path temporary;

  private Map<String, float[]> embed(
      String backendName, EncoderFamily family, Pooling pooling, LongPolicy policy, String... rna)
      throws IOException {
    EmbeddingSettings settings = EmbeddingSettings.of(pooling).withLongSequences(policy);
    Path store = temporary.resolve(pooling + "-" + policy + "-" + Arrays.hashCode(rna));
    try (Backend backend = TestBackends.open(backendName);
        Encoder encoder =
            new EmbeddingFixture(temporary).shortEncoder(backend, family, MAX_TOKENS)) {
      run(encoder, backend, inputs(encoder, rna), settings, store);
    }
    return rows(store);
  }

  @Test
  void theFirstAndTheNumberAreSaidWhereTheyAreAnError() {
    var e =
        assertThrows(
            CodonfuseException.class,
            () ->
                embed(
                    "scalar",
                    EncoderFamily.ESM2,
                    Pooling.NONE,
                    LongPolicy.ERROR,
                    "AUGGCU",
                    LONG + LONG,
                    LONG));
    for (String part : List.of("'s1'", "28 protein tokens", "at most 12", "1 others", "--long")) {
      assertTrue(e.getMessage().contains(part), () -> part + " in: " + e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ESM2", "NUCLEOTIDE_TRANSFORMER_V2"})
  void truncatedSequencesHaveTheRowsOfTheirBeginning(EncoderFamily family) throws IOException {
    boolean dna = family == EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2;
    String sequence = LONG + LONG;
    String beginning = sequence.substring(0, dna ? 6 * (MAX_TOKENS - 1) : 3 * (MAX_TOKENS - 2));
    for (Pooling pooling : Pooling.values()) {
      if (pooling == Pooling.WINDOW && !dna) {
        continue;
      }
      Map<String, float[]> rows =
          embed("scalar", family, pooling, LongPolicy.TRUNCATE, sequence, beginning);
      assertArrayEquals(rows.get("s1"), rows.get("s0"), TOLERANCE, pooling.label());
    }
    try (EmbeddingStore store =
        EmbeddingStore.open(
            temporary.resolve(
                "MEAN-TRUNCATE-" + Arrays.hashCode(new String[] {sequence, beginning})))) {
      assertEquals(1, store.manifest().count(EmbeddingJob.LONG_SEQUENCES));
      assertEquals("truncate", store.manifest().longSequences().policy());
      assertEquals(MAX_TOKENS, store.manifest().longSequences().maxTokens());
    }
  }

  @ParameterizedTest
  @EnumSource(Pooling.class)
  void sequencesThatFitAreNotChunked(Pooling pooling) throws IOException {
    EncoderFamily family = EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2;
    String fits = LONG.substring(0, 39);
    Map<String, float[]> chunked = embed("scalar", family, pooling, LongPolicy.CHUNK, fits);
    Map<String, float[]> refused = embed("scalar", family, pooling, LongPolicy.ERROR, fits);
    assertArrayEquals(refused.get("s0"), chunked.get("s0"));
  }

  @OnEveryBackend
  void rowsOfOverlappingChunksAreAveraged(String name) throws IOException {
    int residues = 30;
    String rna = random(new SplittableRandom(10), 3 * residues);
    float[][] sums = new float[residues][WIDTH];
    int[] covers = new int[residues];
    float[] cls = new float[WIDTH];
    int windows = 0;
    try (Backend backend = TestBackends.open(name);
        Encoder encoder =
            new EmbeddingFixture(temporary).shortEncoder(backend, EncoderFamily.ESM2, MAX_TOKENS)) {
      int room = MAX_TOKENS - 2;
      // 10 of 30 residues in windows that share at least 2: the firsts are 0, 6, 13, 20.
      for (int first : new int[] {0, 6, 13, 20}) {
        String letters =
            inputs(encoder, rna).sequences().getFirst().letters().substring(first, first + room);
        Tokens tokens = encoder.tokenizer().tokenize(letters);
        try (Scope _ = backend.openScope(Mode.INFERENCE)) {
          float[] hidden = encoder.forward(List.of(tokens), EncoderLayer.LAST).toFloats();
          for (int i = 0; i < WIDTH; i++) {
            cls[i] += hidden[i];
            for (int t = 0; t < room; t++) {
              sums[first + t][i] += hidden[(t + 1) * WIDTH + i];
            }
          }
          for (int t = 0; t < room; t++) {
            covers[first + t]++;
          }
        }
        windows++;
      }
    }
    float[] expected = new float[residues * WIDTH];
    float[] mean = new float[WIDTH];
    float[] max = new float[WIDTH];
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    for (int t = 0; t < residues; t++) {
      for (int i = 0; i < WIDTH; i++) {
        float value = sums[t][i] / covers[t];
        expected[t * WIDTH + i] = value;
        mean[i] += value / residues;
        max[i] = Math.max(max[i], value);
      }
    }
    for (int i = 0; i < WIDTH; i++) {
      cls[i] /= windows;
    }
    Map<Pooling, float[]> all =
        Map.of(
            Pooling.NONE, expected,
            Pooling.CODON, expected,
            Pooling.MEAN, mean,
            Pooling.MAX, max,
            Pooling.CLS, cls);
    for (Map.Entry<Pooling, float[]> entry : all.entrySet()) {
      float[] actual =
          embed(name, EncoderFamily.ESM2, entry.getKey(), LongPolicy.CHUNK, rna, "AUGGCU")
              .get("s0");
      assertArrayEquals(entry.getValue(), actual, TOLERANCE, entry.getKey().label());
    }
  }
}

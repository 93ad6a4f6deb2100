package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorData;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag(TestBackends.TAG)
class EncoderTest {
  private static final float SAME = TestBackends.tolerance(1e-5f);
  private static final float OTHER_BACKEND = 1e-4f;
  private static final String FREQUENCIES = ".attention.self.rotary_embeddings.inv_freq";

  @TempDir Path temporary;

  private EncoderDirectory directory(EncoderFamily family) {
    // Rotation needs an even head width; learned positions do without.
    EncoderConfig config =
        family == EncoderFamily.RNA_FM ? family.config(15, 2, 3, 21) : family.config(6, 2, 3, 13);
    return EncoderDirectory.write(temporary.resolve(family.name()), family, config);
  }

  private static List<String> sequences(EncoderFamily family) {
    return switch (family.molecule()) {
      case DNA -> List.of("A", "ATTCCGATTCCGAC", "ATTCCG", "ATTNCCGATTCCGATN");
      case RNA -> List.of("A", "ACGUNNACGUAGC", "GGG", "UUUUUUUUACGRYA");
      case PROTEIN -> List.of("M", "MKTAYIAKQR", "MK*L", "XMKAAAAA");
    };
  }

  /** The sequences, and the longest again with its first two tokens masked. */
  private static List<Tokens> tokens(Encoder encoder, EncoderFamily family) {
    List<Tokens> tokens = new ArrayList<>();
    sequences(family).forEach(sequence -> tokens.add(encoder.tokenizer().tokenize(sequence)));
    Tokens whole = tokens.get(1);
    int[] ids = whole.ids().clone();
    ids[1] = encoder.config().maskId();
    ids[2] = encoder.config().maskId();
    tokens.add(new Tokens(ids, whole.starts(), whole.ends(), 0, 0, 0));
    return tokens;
  }

  @OnEveryBackend
  void hiddenStatesDependOnNeitherMatesNorPadding(String name) {
    for (EncoderFamily family : EncoderFamily.values()) {
      try (Backend scalar = TestBackends.open("scalar");
          Backend backend = TestBackends.open(name);
          Encoder reference = Encoder.load(scalar, directory(family).path());
          Encoder encoder = Encoder.load(backend, reference.directory())) {
        List<Tokens> tokens = tokens(encoder, family);
        float[][] alone = new float[tokens.size()][];
        for (int i = 0; i < alone.length; i++) {
          List<Tokens> one = List.of(tokens.get(i));
          alone[i] = hidden(backend, encoder, one)[0];
          assertArrayEquals(hidden(scalar, reference, one)[0], alone[i], OTHER_BACKEND);
        }
        assertNotEquals(alone[1][0], alone[4][0], SAME, "masks change nothing");
        List<Integer> order = new ArrayList<>(IntStream.range(0, alone.length).boxed().toList());
        order.add(1);
        for (int round = 0; round < 4; round++) {
          float[][] batched = hidden(backend, encoder, order.stream().map(tokens::get).toList());
          for (int b = 0; b < batched.length; b++) {
            String what = family + " " + order.get(b) + " in " + order;
            assertArrayEquals(alone[order.get(b)], batched[b], SAME, what);
          }
          Collections.shuffle(order, new Random(round));
        }
      }
    }
  }

  @OnEveryBackend
  void closingReleasesTheWeights(String name) {
    try (Backend backend = TestBackends.open(name)) {
      Encoder encoder = Encoder.load(backend, directory(EncoderFamily.ESM2).path());
      encoder.close();
      encoder.close();
      assertThrows(
          IllegalStateException.class,
          () -> hidden(backend, encoder, tokens(encoder, EncoderFamily.ESM2)));
    }
  }

  @ParameterizedTest(name = "{0}: {1} nt")
  @CsvSource({"ESM2, 3066", "NUCLEOTIDE_TRANSFORMER_V2, 12282", "RNA_FM, 1022"})
  void theLongestMrnaFitsAndOneTokenMoreIsRefused(EncoderFamily family, int nucleotides) {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = Encoder.load(backend, directory(family).path());
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      assertEquals(nucleotides, encoder.maxNucleotides());
      int ids = encoder.config().maxTokens() + 1;
      Tokens tooLong = new Tokens(new int[ids], new int[ids], new int[ids], 0, 0, 0);
      assertThrows(
          IllegalArgumentException.class, () -> encoder.forward(List.of(tooLong)).toFloats());
    }
  }

  @OnEveryBackend
  void otherStoredPrecisionsAreComputedInFloat32(String name) {
    EncoderFamily family = EncoderFamily.RNA_FM;
    for (StoredType type : List.of(StoredType.BF16, StoredType.F16, StoredType.F64)) {
      EncoderDirectory directory = directory(family);
      directory.weights(t -> t.replaceAll((_, data) -> as(StoredType.F32, rounded(data, type))));
      float[][] expected = hidden(name, directory, family);
      directory.weights(t -> t.replaceAll((_, data) -> as(type, rounded(data, type))));
      assertSame(expected, hidden(name, directory, family), 1e-6f);
    }
  }

  @Test
  void publishedSpellingsLoadToTheSameModel() {
    EncoderDirectory esm = directory(EncoderFamily.ESM2);
    float[][] expected = hidden("scalar", esm, EncoderFamily.ESM2);
    esm.rename("esm.", "");
    assertSame(expected, hidden("scalar", esm, EncoderFamily.ESM2), 0);
    esm.rename("LayerNorm.weight", "LayerNorm.gamma").rename("LayerNorm.bias", "LayerNorm.beta");
    assertSame(expected, hidden("scalar", esm, EncoderFamily.ESM2), 0);
    esm.weights(
        t -> {
          t.put("lm_head.decoder.weight", EncoderDirectory.zeros(33, 6));
          t.put("contact_head.regression.bias", EncoderDirectory.zeros(1));
          t.put("embeddings.position_embeddings.weight", EncoderDirectory.zeros(1026, 6));
          t.put("embeddings.position_ids", TensorData.ofLongs(Shape.of(1, 1026), new long[1026]));
        });
    assertSame(expected, hidden("scalar", esm, EncoderFamily.ESM2), 0);
  }

  @Test
  void frequenciesStoredOnceServeEveryLayer() {
    EncoderDirectory esm = directory(EncoderFamily.ESM2);
    TensorData stored = TensorData.of(Shape.of(1), new float[] {0.7f});
    String everyLayer = "esm.encoder.layer.*" + FREQUENCIES;
    esm.weights(
        t -> {
          t.put("esm.encoder.layer.0" + FREQUENCIES, stored);
          t.put("esm.encoder.layer.1" + FREQUENCIES, stored);
        });
    float[][] expected = hidden("scalar", esm, EncoderFamily.ESM2);
    esm.weights(
        t -> {
          t.keySet().removeIf(name -> name.endsWith(FREQUENCIES));
          t.put(everyLayer, stored);
        });
    assertSame(expected, hidden("scalar", esm, EncoderFamily.ESM2), 0);
    esm.weights(t -> t.remove(everyLayer));
    float[][] exact = hidden("scalar", esm, EncoderFamily.ESM2);
    esm.weights(t -> t.put(everyLayer, TensorData.of(Shape.of(1), new float[] {1})));
    assertSame(exact, hidden("scalar", esm, EncoderFamily.ESM2), 0);
    assertTrue(
        IntStream.range(0, exact[1].length)
            .anyMatch(i -> Math.abs(exact[1][i] - expected[1][i]) > 1e-3),
        "stored frequencies change nothing");
  }

  @Test
  void theFingerprintFollowsTheBytes() {
    EncoderDirectory esm = directory(EncoderFamily.ESM2);
    try (Backend backend = TestBackends.open("scalar")) {
      String first = fingerprint(backend, esm);
      assertEquals(first, fingerprint(backend, esm));
      esm.weights(t -> t.remove("esm.encoder.layer.0" + FREQUENCIES));
      esm.weights(t -> t.remove("esm.encoder.layer.1" + FREQUENCIES));
      String second = fingerprint(backend, esm);
      esm.config(json -> json.put("layer_norm_eps", 2e-5));
      assertEquals(
          3, List.of(first, second, fingerprint(backend, esm)).stream().distinct().count());
    }
  }

  private static String fingerprint(Backend backend, EncoderDirectory directory) {
    try (Encoder encoder = Encoder.load(backend, directory.path())) {
      return encoder.fingerprint();
    }
  }

  private static float[][] hidden(
      String backendName, EncoderDirectory directory, EncoderFamily family) {
    try (Backend backend = TestBackends.open(backendName);
        Encoder encoder = Encoder.load(backend, directory.path())) {
      return hidden(backend, encoder, tokens(encoder, family));
    }
  }

  /** The rows of every member. */
  private static float[][] hidden(Backend backend, Encoder encoder, List<Tokens> batch) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor hidden = encoder.forward(batch);
      int width = hidden.shape().intDim(1);
      assertEquals(encoder.config().hiddenSize(), width);
      float[] values = hidden.toFloats();
      float[][] rows = new float[batch.size()][];
      int from = 0;
      for (int b = 0; b < rows.length; b++) {
        int to = from + batch.get(b).length() * width;
        rows[b] = Arrays.copyOfRange(values, from, to);
        from = to;
      }
      return rows;
    }
  }

  private static void assertSame(float[][] expected, float[][] actual, float tolerance) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      for (int k = 0; k < expected[i].length; k++) {
        assertTrue(Math.abs(expected[i][k] - actual[i][k]) <= tolerance, "value " + k + " of " + i);
      }
    }
  }

  private static TensorData rounded(TensorData data, StoredType type) {
    if (data.type() != StoredType.F32) {
      return data;
    }
    float[] values = data.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(values[i]));
            case BF16 -> Float.intBitsToFloat(Float.floatToRawIntBits(values[i]) & 0xFFFF0000);
            default -> values[i];
          };
    }
    return TensorData.of(data.shape(), values);
  }

  private static TensorData as(StoredType type, TensorData data) {
    float[] values = data.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * type.bytes()]);
    for (int i = 0; i < values.length; i++) {
      switch (type) {
        case F64 -> bytes.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i, values[i]);
        case F16 ->
            bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, Float.floatToFloat16(values[i]));
        case BF16 ->
            bytes.set(
                ValueLayout.JAVA_SHORT_UNALIGNED,
                2L * i,
                (short) (Float.floatToRawIntBits(values[i]) >>> 16));
        default -> bytes.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, values[i]);
      }
    }
    return new TensorData(type, data.shape(), bytes);
  }
}

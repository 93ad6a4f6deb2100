package org.codonfuse.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.explain.Explanation.AttentionShare;
import org.codonfuse.explain.Explanation.AttentionWeight;
import org.codonfuse.fusion.Batch;
import org.codonfuse.fusion.CrossAttentionFusion;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.GoldenFusion;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.Upsampling;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.Examples;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code attention.json} was computed in PyTorch, in float64, for the second and third sequence of
 * the golden cross-attention: [sequence][stream][head][codon][stream · codon].
 */
@Tag(TestBackends.TAG)
class AttentionMapsTest {
  private static final double TOLERANCE = TestBackends.tolerance(1e-5f);

  private static List<String> backends() {
    return TestBackends.names();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void weightsEqualTheReference(String name) throws IOException {
    JsonNode expected;
    try (InputStream file = AttentionMapsTest.class.getResourceAsStream("attention.json")) {
      expected = JsonMapper.builder().build().readTree(file);
    }
    GoldenFusion golden =
        GoldenFusion.all().stream()
            .filter(of -> of.directory().endsWith("cross-attention"))
            .findFirst()
            .orElseThrow();
    CrossAttentionFusion fusion = (CrossAttentionFusion) golden.model().fusion();
    try (Backend backend = TestBackends.open(name);
        SafetensorsFile inputs = golden.expected();
        Parameters parameters = golden.parameters(backend);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Examples examples = golden.examples(backend, inputs);
      for (int i = 0; i < expected.size(); i++) {
        Batch batch = examples.batch(backend, new int[] {i + 1});
        List<Tensor> weights =
            fusion.attentionWeights(
                backend, parameters, batch, fusion.align(backend, parameters, batch));
        for (int s = 0; s < weights.size(); s++) {
          double[] reference = numbers(expected.get(i).get(s));
          float[] found = weights.get(s).toFloats();
          assertEquals(reference.length, found.length);
          for (int k = 0; k < found.length; k++) {
            assertEquals(reference[k], found[k], TOLERANCE);
          }
        }
      }
    }
  }

  private static double[] numbers(JsonNode node) {
    if (node.isNumber()) {
      return new double[] {node.asDouble()};
    }
    return node.valueStream().flatMapToDouble(child -> Arrays.stream(numbers(child))).toArray();
  }

  private static float[] values(int size, int period) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = i % period - period / 2f;
    }
    return values;
  }

  @Test
  void neighboursOfLongSequencesShareACell() {
    List<StreamSpec> streams =
        List.of(
            new StreamSpec("rna", Molecule.RNA, 3, Granularity.CODON),
            new StreamSpec("protein", Molecule.PROTEIN, 2, Granularity.CODON));
    CrossAttentionFusion fusion =
        (CrossAttentionFusion)
            new FusionConfig.CrossAttention(4, 2, 0, Upsampling.EXACT).create(streams);
    int codons = 131;
    float[] rna = values(3 * codons, 7);
    float[] protein = values(2 * codons, 5);
    try (Backend backend = TestBackends.open("scalar");
        Parameters parameters = Parameters.initialise(backend, fusion.parameters(), 1);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      AttentionMaps maps = new AttentionMaps(fusion);
      Batch batch =
          Examples.of(streams, new float[][][] {{rna}, {protein}}, new int[] {codons})
              .batch(backend, new int[] {0});
      maps.add(backend, parameters, "long", batch, true);
      assertEquals(2 * 2 * 44 * 44, maps.maps().size());
      assertEquals(2 * 44, maps.maps().stream().mapToDouble(AttentionWeight::weight).sum(), 1e-3);
      assertTrue(maps.maps().stream().anyMatch(cell -> cell.queryPosition() == 130));
      assertEquals(2 * 2, maps.shares().stream().mapToDouble(AttentionShare::weight).sum(), 1e-4);
    }
  }
}

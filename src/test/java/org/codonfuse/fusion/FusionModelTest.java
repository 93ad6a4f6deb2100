package org.codonfuse.fusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.codonfuse.Golden;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.fusion.head.Head;
import org.codonfuse.fusion.head.MlpHead;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.FusionModel;
import org.codonfuse.weights.SafetensorsFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag(TestBackends.TAG)
class FusionModelTest {
  private static final float SAME = TestBackends.tolerance(1e-5f);
  private static final float OTHER_BACKEND = TestBackends.tolerance(1e-5f);
  private static final StreamSpec DNA = stream(Molecule.DNA, 6);
  private static final StreamSpec RNA = stream(Molecule.RNA, 5);
  private static final StreamSpec PROTEIN = stream(Molecule.PROTEIN, 3);

  private static final FusionConfig CONCAT = new FusionConfig.Concat(4, Upsampling.EXACT);

  /** The other fusions of several streams, and upsampling as the paper's code has it. */
  private static final Map<String, FusionConfig> OTHERS =
      Map.of(
          "concat list1", new FusionConfig.Concat(4, Upsampling.LIST1),
          "mil", new FusionConfig.Mil(8, 3, 0.5, false, false, Upsampling.EXACT),
          "mil, shared gate", new FusionConfig.Mil(8, 3, 0, true, false, Upsampling.EXACT),
          "mil, token level", new FusionConfig.Mil(8, 3, 0.5, false, true, Upsampling.LIST1),
          "cross-attention", new FusionConfig.CrossAttention(8, 2, 0.1, Upsampling.EXACT),
          "unaligned", new FusionConfig.Unaligned(8));

  /** Numbers of codons; windows and tokens follow. */
  private static final int[] CODONS = {4, 1, 9, 2, 7};

  private static final Map<String, FusionModel> MODELS = models();

  private static Map<String, FusionModel> models() {
    Map<String, FusionModel> models = new LinkedHashMap<>();
    models.put("rna, mlp", mlp(new UnimodalFusion(RNA)));
    models.put("dna, textcnn", textCnn(new UnimodalFusion(DNA)));
    List<List<StreamSpec>> subsets =
        List.of(
            List.of(DNA, RNA, PROTEIN),
            List.of(DNA, RNA),
            List.of(DNA, PROTEIN),
            List.of(RNA, PROTEIN),
            List.of(DNA));
    for (List<StreamSpec> streams : subsets) {
      String names = String.join(" ", streams.stream().map(StreamSpec::name).toList());
      models.put("concat of " + names + ", textcnn", textCnn(CONCAT.create(streams)));
    }
    models.put("concat, mlp", mlp(CONCAT.create(subsets.getFirst())));
    List<StreamSpec> twoRna = List.of(named(RNA, "fm"), named(RNA, "splice"), PROTEIN);
    OTHERS.forEach(
        (name, config) -> {
          models.put(name + ", textcnn", textCnn(config.create(subsets.getFirst())));
          models.put(name + ", mlp", mlp(config.create(subsets.getFirst())));
          models.put(name + " of rna protein", textCnn(config.create(List.of(RNA, PROTEIN))));
          models.put(name + " of two rna and protein", mlp(config.create(twoRna)));
        });
    return models;
  }

  private static FusionModel mlp(Fusion fusion) {
    return new FusionModel(fusion, new MlpHead(fusion.width(), 7, 0.5, 2));
  }

  private static FusionModel textCnn(Fusion fusion) {
    Head head = new TextCnnHead(fusion.width(), 6, List.of(3, 4, 5), 4, 0.5, 2);
    return new FusionModel(fusion, head);
  }

  private static StreamSpec named(StreamSpec stream, String name) {
    return new StreamSpec(name, stream.molecule(), stream.width(), stream.granularity());
  }

  private static StreamSpec stream(Molecule molecule, int width) {
    return new StreamSpec(molecule.label(), molecule, width, Granularity.TOKEN);
  }

  @OnEveryBackend
  void predictionsDependOnNeitherMatesNorPadding(String name) {
    try (Backend backend = TestBackends.open(name);
        Backend scalar = TestBackends.open("scalar")) {
      MODELS.forEach(
          (what, model) -> {
            float[][] alone = new float[CODONS.length][];
            for (int i = 0; i < CODONS.length; i++) {
              int[] one = {i};
              alone[i] = predict(backend, model, one, 0, 0)[0];
              assertArrayEquals(predict(scalar, model, one, 0, 0)[0], alone[i], OTHER_BACKEND);
            }
            assertNotEquals(alone[0][0], alone[2][0], SAME, what);
            int[][] orders = {{0, 1, 2, 3, 4}, {4, 2, 0, 3, 1}, {1, 3}, {3, 3, 1, 3}, {1, 2}};
            for (int[] order : orders) {
              for (float padding : new float[] {0, 1e6f, Float.NaN, Float.NEGATIVE_INFINITY}) {
                for (int extra : new int[] {0, 5}) {
                  float[][] batched = predict(backend, model, order, extra, padding);
                  for (int b = 0; b < order.length; b++) {
                    assertArrayEquals(
                        alone[order[b]],
                        batched[b],
                        SAME,
                        () ->
                            what
                                + " in "
                                + Arrays.toString(order)
                                + " padded "
                                + extra
                                + " with "
                                + padding);
                  }
                }
              }
            }
          });
    }
  }

  /** Predictions for some members in a batch with more padding than needed. */
  private static float[][] predict(
      Backend backend, FusionModel model, int[] members, int extra, float padding) {
    try (Parameters parameters = Parameters.initialise(backend, model.parameters(), 21);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Map<String, Batch.Stream> streams = new LinkedHashMap<>();
      for (StreamSpec stream : model.fusion().streams()) {
        streams.put(stream.name(), padded(backend, stream, members, extra, padding));
      }
      int[] codons = Arrays.stream(members).map(i -> CODONS[i]).toArray();
      FusionModel.Output output = model.forward(backend, parameters, new Batch(streams, codons));
      assertEquals(model.fusion().width(), output.fused().embedding().shape().dim(2));
      assertEquals(Shape.of(members.length, 2), output.values().shape());
      float[] values = output.values().toFloats();
      return IntStream.range(0, members.length)
          .mapToObj(b -> Arrays.copyOfRange(values, 2 * b, 2 * b + 2))
          .toArray(float[][]::new);
    }
  }

  private static Batch.Stream padded(
      Backend backend, StreamSpec stream, int[] members, int extra, float padding) {
    int width = stream.width();
    int[] lengths = Arrays.stream(members).map(i -> rows(stream, i)).toArray();
    int longest = Arrays.stream(lengths).max().orElseThrow() + extra;
    float[] values = new float[members.length * longest * width];
    Arrays.fill(values, padding);
    for (int b = 0; b < members.length; b++) {
      SplittableRandom random = new SplittableRandom(1000L * members[b] + width);
      for (int i = 0; i < lengths[b] * width; i++) {
        values[b * longest * width + i] = (float) random.nextGaussian();
      }
    }
    return new Batch.Stream(
        backend.tensor(values, Shape.of(members.length, longest, width)), lengths);
  }

  /** Sequences end with trailing nucleotides, so that windows may cover more than the codons. */
  private static int rows(StreamSpec stream, int member) {
    int nucleotides = 3 * CODONS[member] + member % 3;
    return switch (stream.granularity()) {
      case CODON -> CODONS[member];
      case WINDOW -> Math.ceilDiv(nucleotides, 6);
      case TOKEN -> nucleotides;
    };
  }

  @Test
  void fusionsTakeTheirStreamsAtTheirOwnGranularity() {
    assertEquals(
        List.of(DNA.at(Granularity.WINDOW), RNA.at(Granularity.CODON)),
        CONCAT.create(List.of(DNA, RNA)).streams());
    StreamSpec codons = RNA.at(Granularity.CODON);
    assertEquals(List.of(RNA), new UnimodalFusion(codons).streams());
    assertEquals("rna", new UnimodalFusion(codons).name());
  }

  @Test
  void onlyDnaIsProjected() {
    assertEquals(4 + 5 + 3, CONCAT.create(List.of(DNA, RNA, PROTEIN)).width());
    assertEquals(5 + 3, CONCAT.create(List.of(RNA, PROTEIN)).width());
    assertEquals(List.of(), CONCAT.create(List.of(RNA, PROTEIN)).parameters());
    assertEquals(List.of(), new UnimodalFusion(DNA).parameters());
    Map<String, String> expected =
        new TreeMap<>(
            Map.of(
                "align.dna.weight", "[6, 6, 2]",
                "fusion.project.dna.0.weight", "[4, 6]",
                "fusion.project.dna.0.bias", "[4]",
                "fusion.project.dna.1.weight", "[4, 4]",
                "fusion.project.dna.1.bias", "[4]"));
    assertEquals(expected, shapes(CONCAT.create(List.of(DNA, RNA)).parameters()));
  }

  @Test
  void headsHaveTheirParametersUnderTheirNames() {
    assertEquals(
        new TreeMap<>(
            Map.of(
                "head.hidden.weight", "[7, 9]",
                "head.hidden.bias", "[7]",
                "head.output.weight", "[2, 7]",
                "head.output.bias", "[2]")),
        shapes(new MlpHead(9, 7, 0.2, 2).parameters()));
    assertEquals(
        new TreeMap<>(
            Map.of(
                "head.project.weight", "[6, 9]",
                "head.project.bias", "[6]",
                "head.conv3.weight", "[4, 6, 3]",
                "head.conv3.bias", "[4]",
                "head.conv4.weight", "[4, 6, 4]",
                "head.conv4.bias", "[4]",
                "head.output.weight", "[1, 8]",
                "head.output.bias", "[1]")),
        shapes(new TextCnnHead(9, 6, List.of(3, 4), 4, 0.2, 1).parameters()));
  }

  @Test
  void parametersAreThoseOfTheGoldenCheckpoints() throws IOException {
    int checked = 0;
    for (Path golden : Golden.cases("fusion", "config.json")) {
      JsonNode config =
          JsonMapper.builder().build().readTree(golden.resolve("config.json").toFile());
      List<StreamSpec> streams = new ArrayList<>();
      for (Molecule molecule : Molecule.values()) {
        streams.add(stream(molecule, config.get("dims").get(molecule.ordinal()).asInt()));
      }
      List<Integer> kernels = new ArrayList<>();
      config.get("kernels").forEach(kernel -> kernels.add(kernel.asInt()));
      Fusion fusion = GoldenFusion.fusion(config).create(streams);
      Head head =
          new TextCnnHead(
              fusion.width(),
              config.get("head_dim").asInt(),
              kernels,
              config.get("channels").asInt(),
              0,
              config.get("outputs").asInt());
      Map<String, String> expected = new TreeMap<>();
      try (SafetensorsFile weights = SafetensorsFile.open(golden.resolve("weights.safetensors"))) {
        weights.names().forEach(n -> expected.put(n, weights.info(n).shape().toString()));
      }
      assertEquals(expected, shapes(new FusionModel(fusion, head).parameters()));
      checked++;
    }
    assertTrue(checked > 0, "no golden cases");
  }

  private static Map<String, String> shapes(List<ParameterSpec> specs) {
    Map<String, String> shapes = new TreeMap<>();
    specs.forEach(spec -> shapes.put(spec.name(), spec.shape().toString()));
    assertEquals(specs.size(), shapes.size());
    return shapes;
  }
}

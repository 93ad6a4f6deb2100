package org.codonfuse.fusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.CodonAlignment;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.fusion.head.Head;
import org.codonfuse.fusion.head.MlpHead;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.parameters.DoubleParameters;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.FusionModel;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Gradients of the loss with every fusion and head in float64 against central differences. */
@Tag(TestBackends.TAG)
@RequiresTorch
class FusionGradientTest {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-5;

  /** The elements of a parameter that are checked. */
  private static final int ELEMENTS = 5;

  private static final int[] NUCLEOTIDES = {25, 9, 40};

  private static final List<StreamSpec> STREAMS =
      List.of(
          new StreamSpec("dna", Molecule.DNA, 5, Granularity.WINDOW),
          new StreamSpec("rna", Molecule.RNA, 4, Granularity.CODON),
          new StreamSpec("splice", Molecule.RNA, 6, Granularity.CODON),
          new StreamSpec("protein", Molecule.PROTEIN, 3, Granularity.CODON));

  @TestFactory
  Stream<DynamicTest> gradientsEqualDifferences() {
    return Stream.of(
            new FusionConfig.Concat(4, Upsampling.EXACT),
            new FusionConfig.Concat(4, Upsampling.LIST1),
            new FusionConfig.Mil(6, 3, 0.5, false, false, Upsampling.EXACT),
            new FusionConfig.Mil(6, 3, 1, true, false, Upsampling.LIST1),
            new FusionConfig.Mil(6, 3, 0, false, true, Upsampling.EXACT),
            new FusionConfig.Mil(6, 3, 0.7, false, true, Upsampling.EXACT),
            new FusionConfig.CrossAttention(6, 2, 0, Upsampling.EXACT),
            new FusionConfig.Unaligned(6),
            new FusionConfig.Unimodal(Molecule.PROTEIN))
        .flatMap(
            config ->
                Stream.of(true, false)
                    .map(
                        convolves ->
                            DynamicTest.dynamicTest(
                                config + (convolves ? ", textcnn" : ", mlp"),
                                () -> check(model(config, convolves)))));
  }

  private static FusionModel model(FusionConfig config, boolean convolves) {
    List<StreamSpec> streams =
        config instanceof FusionConfig.Unimodal ? List.of(STREAMS.getLast()) : STREAMS;
    Fusion fusion = config.create(streams);
    Head head =
        convolves
            ? new TextCnnHead(fusion.width(), 5, TextCnnHead.KERNELS, 3, 0, 2)
            : new MlpHead(fusion.width(), 5, 0, 2);
    return new FusionModel(fusion, head);
  }

  private static void check(FusionModel model) {
    Random random = new Random(8);
    Map<String, double[]> values = new LinkedHashMap<>();
    for (ParameterSpec spec : model.parameters()) {
      float[] drawn = spec.initializer().draw(spec.shape().intSize(), random);
      double[] doubles = new double[drawn.length];
      Arrays.setAll(doubles, i -> drawn[i] + 0.1 * random.nextGaussian());
      values.put(spec.name(), doubles);
    }
    try (TrainableBackend backend = TestBackends.openTrainable()) {
      Map<String, float[]> gradients = gradients(backend, model, values);
      boolean anything = false;
      for (ParameterSpec spec : model.parameters()) {
        String name = spec.name();
        for (int k = 0; k < Math.min(ELEMENTS, values.get(name).length); k++) {
          int element = random.nextInt(values.get(name).length);
          double difference = difference(backend, model, values, name, element);
          assertEquals(
              difference,
              gradients.get(name)[element],
              TOLERANCE * Math.max(1, Math.abs(difference)),
              name + "[" + element + "]");
          anything |= Math.abs(difference) > 1e-3;
        }
      }
      assertTrue(anything, "all gradients are zero");
    }
  }

  private static Map<String, float[]> gradients(
      TrainableBackend backend, FusionModel model, Map<String, double[]> values) {
    try (Parameters initial = DoubleParameters.of(backend, model.parameters(), values);
        Parameters parameters = initial.trainable(backend);
        Scope _ = backend.openScope(Mode.GRADIENT)) {
      backend.backward(loss(backend, model, parameters));
      Map<String, float[]> gradients = new LinkedHashMap<>();
      for (String name : parameters.names()) {
        gradients.put(name, backend.gradient(parameters.get(name)).orElseThrow().toFloats());
      }
      return gradients;
    }
  }

  /** The subtraction is done in float64, of which the quotient is read as float. */
  private static double difference(
      TrainableBackend backend,
      FusionModel model,
      Map<String, double[]> values,
      String name,
      int element) {
    try (Parameters above =
            DoubleParameters.of(backend, model.parameters(), moved(values, name, element, STEP));
        Parameters below =
            DoubleParameters.of(backend, model.parameters(), moved(values, name, element, -STEP));
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      Tensor difference =
          backend.binary(Binary.SUBTRACT, loss(backend, model, above), loss(backend, model, below));
      return backend.affine(difference, 1 / (2 * STEP), 0).item();
    }
  }

  private static Map<String, double[]> moved(
      Map<String, double[]> values, String name, int element, double by) {
    Map<String, double[]> moved = new LinkedHashMap<>(values);
    double[] changed = values.get(name).clone();
    changed[element] += by;
    moved.put(name, changed);
    return moved;
  }

  /** A weighted sum of the outputs and what the fusion adds. */
  private static Tensor loss(TrainableBackend backend, FusionModel model, Parameters parameters) {
    FusionModel.Output output = model.forward(backend, parameters, batch(backend, model));
    Shape flat = Shape.of(output.values().shape().size());
    Tensor weights =
        DoubleParameters.tensor(backend, new Random(3).doubles(flat.size(), -1, 1).toArray(), flat);
    Tensor sum =
        backend.sum(
            backend.binary(Binary.MULTIPLY, backend.reshape(output.values(), flat), weights), 0);
    return output.fused().penalty().map(p -> backend.binary(Binary.ADD, sum, p)).orElse(sum);
  }

  private static Batch batch(TrainableBackend backend, FusionModel model) {
    Map<String, Batch.Stream> streams = new LinkedHashMap<>();
    for (StreamSpec stream : model.fusion().streams()) {
      int[] lengths =
          Arrays.stream(NUCLEOTIDES)
              .map(
                  length ->
                      stream.granularity() == Granularity.TOKEN
                          ? length / 4
                          : CodonAlignment.rows(stream.granularity(), length))
              .toArray();
      int longest = Arrays.stream(lengths).max().orElseThrow();
      double[] values =
          new Random(stream.name().hashCode())
              .doubles((long) lengths.length * longest * stream.width(), -1, 1)
              .toArray();
      Shape shape = Shape.of(lengths.length, longest, stream.width());
      streams.put(
          stream.name(),
          new Batch.Stream(DoubleParameters.tensor(backend, values, shape), lengths));
    }
    return new Batch(streams, Arrays.stream(NUCLEOTIDES).map(length -> length / 3).toArray());
  }
}

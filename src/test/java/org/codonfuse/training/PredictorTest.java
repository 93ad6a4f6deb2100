package org.codonfuse.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.DeviceException.Kind;
import org.codonfuse.compute.Tensor;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.UnimodalFusion;
import org.codonfuse.fusion.head.MlpHead;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PredictorTest {
  private static final int WIDTH = 3;
  private static final int EXAMPLES = 23;
  private static final StreamSpec STREAM =
      new StreamSpec("rna", Molecule.RNA, WIDTH, Granularity.CODON);
  private static final FusionModel MODEL =
      new FusionModel(new UnimodalFusion(STREAM), new MlpHead(WIDTH, 4, 0, 2));

  private final Backend backend = TestBackends.open("scalar");

  @AfterEach
  void close() {
    backend.close();
  }

  private static Examples examples() {
    SplittableRandom random = new SplittableRandom(1);
    int[] codons = IntStream.range(0, EXAMPLES).map(i -> 1 + i * 7 % 5).toArray();
    float[][][] rows = new float[1][EXAMPLES][];
    for (int i = 0; i < EXAMPLES; i++) {
      rows[0][i] = new float[codons[i] * WIDTH];
      for (int t = 0; t < rows[0][i].length; t++) {
        rows[0][i][t] = (float) random.nextGaussian();
      }
    }
    return Examples.of(List.of(STREAM), rows, codons);
  }

  /** Its memory ends at a number of sequences. */
  private Backend limited(int sequences, Kind kind) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) -> {
              if (method.getName().equals("linear")
                  && ((Tensor) arguments[0]).shape().dim(0) > sequences) {
                throw new DeviceException(kind, "No room.", null);
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void whereMemoryDoesNotSufficeBatchesGetSmaller() {
    Examples examples = examples();
    try (Parameters parameters = Parameters.initialise(backend, MODEL.parameters(), 1)) {
      double[][] expected = new Predictor(backend, MODEL, 8).predict(parameters, examples);
      for (int fit : new int[] {1, 2, 3, 7}) {
        List<Integer> done = new ArrayList<>();
        double[][] predicted =
            new Predictor(limited(fit, Kind.OUT_OF_MEMORY), MODEL, 8)
                .predict(parameters, examples, done::add);

        assertArrayEquals(expected, predicted, "room for " + fit);
        assertEquals(EXAMPLES, done.stream().mapToInt(Integer::intValue).sum());
        assertTrue(done.stream().allMatch(size -> size <= fit), done.toString());
      }
    }
  }

  @Test
  void whatDoesNotFitAloneFails() {
    Examples examples = examples();
    try (Parameters parameters = Parameters.initialise(backend, MODEL.parameters(), 1)) {
      for (Kind kind : Kind.values()) {
        Predictor predictor = new Predictor(limited(0, kind), MODEL, 8);
        var e = assertThrows(DeviceException.class, () -> predictor.predict(parameters, examples));
        assertSame(kind, e.kind());
      }
    }
  }
}

package org.codonfuse.fusion;

import java.util.Arrays;
import java.util.List;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mask;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.parameters.Initializer;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/**
 * The common part of all codon-level fusions: streams whose rows are windows of two codons are
 * taken apart by a transposed convolution (kernel 2, stride 2, no bias), so that position t is
 * codon t in every stream.
 */
final class CodonStreams {
  private static final int CODONS_PER_WINDOW = 2;

  private CodonStreams() {}

  /** The streams at the granularity that codon alignment starts from. */
  static List<StreamSpec> aligned(List<StreamSpec> streams) {
    return streams.stream().map(s -> s.at(Granularity.aligned(s.molecule()))).toList();
  }

  /** The kernels [in, out, 2] of the streams that need one. */
  static List<ParameterSpec> parameters(List<StreamSpec> streams) {
    return streams.stream()
        .filter(stream -> stream.granularity() == Granularity.WINDOW)
        .map(
            stream ->
                new ParameterSpec(
                    stream.kernel(),
                    Shape.of(stream.width(), stream.width(), CODONS_PER_WINDOW),
                    Initializer.fanIn((long) stream.width() * CODONS_PER_WINDOW)))
        .toList();
  }

  /** The valid codons of a batch. */
  static Mask mask(Backend backend, Batch batch) {
    return backend.mask(batch.codons(), longest(batch));
  }

  /** One stream, [batch, codon, width]. */
  static Tensor codons(Backend backend, Parameters parameters, Batch batch, StreamSpec stream) {
    Tensor values = batch.streams().get(stream.name()).values();
    if (stream.granularity() == Granularity.WINDOW) {
      values =
          backend.convTranspose1d(values, parameters.get(stream.kernel()), CODONS_PER_WINDOW, 0);
    }
    return values.shape().dim(1) == longest(batch)
        ? values
        : backend.narrow(values, 1, 0, longest(batch));
  }

  private static int longest(Batch batch) {
    return Arrays.stream(batch.codons()).max().orElse(0);
  }
}

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
 * taken apart by a transposed convolution (BioLangFusion, equation 1), so that position t is codon
 * t in every stream.
 *
 * @param streams at the granularity that codon alignment starts from
 * @param upsampling of windows
 */
record CodonStreams(List<StreamSpec> streams, Upsampling upsampling) {
  /** Takes streams of any granularity. */
  CodonStreams {
    streams = streams.stream().map(s -> s.at(Granularity.aligned(s.molecule()))).toList();
  }

  /** The kernels [in, out, 2 or 3] of the streams that need one. */
  List<ParameterSpec> parameters() {
    int kernel = upsampling.kernel();
    return streams.stream()
        .filter(stream -> stream.granularity() == Granularity.WINDOW)
        .map(
            stream ->
                new ParameterSpec(
                    stream.kernel(),
                    Shape.of(stream.width(), stream.width(), kernel),
                    Initializer.fanIn((long) stream.width() * kernel)))
        .toList();
  }

  /** The valid codons of a batch. */
  static Mask mask(Backend backend, Batch batch) {
    return backend.mask(batch.codons(), longest(batch));
  }

  /** Every stream, [batch, codon, width], in their order; padding holds anything. */
  List<Tensor> align(Backend backend, Parameters parameters, Batch batch) {
    return streams.stream().map(stream -> codons(backend, parameters, batch, stream)).toList();
  }

  private Tensor codons(Backend backend, Parameters parameters, Batch batch, StreamSpec stream) {
    Batch.Stream given = batch.streams().get(stream.name());
    if (stream.granularity() != Granularity.WINDOW) {
      return cut(backend, given.values(), longest(batch));
    }
    Tensor kernel = parameters.get(stream.kernel());
    return switch (upsampling) {
      case EXACT ->
          cut(
              backend,
              backend.convTranspose1d(given.values(), kernel, Upsampling.STRIDE, 0),
              longest(batch));
      case LIST1 -> overlapping(backend, kernel, batch, given);
    };
  }

  /**
   * Where kernels overlap, padding would reach into a member's last positions, and the positions
   * that a member alone would not have must be the zeros that it would have there.
   */
  private Tensor overlapping(Backend backend, Tensor kernel, Batch batch, Batch.Stream given) {
    int windows = given.values().shape().intDim(1);
    Tensor values = backend.maskedFill(given.values(), backend.mask(given.lengths(), windows), 0);
    // The padding is cut afterwards: one window has a full result and no cut one.
    Tensor full = backend.convTranspose1d(values, kernel, Upsampling.STRIDE, 0);
    int longest = longest(batch);
    int available = Math.max(0, full.shape().intDim(1) - upsampling.padding());
    Tensor shifted = backend.narrow(full, 1, upsampling.padding(), Math.min(longest, available));
    int[] covered = new int[batch.size()];
    for (int b = 0; b < covered.length; b++) {
      covered[b] = Math.min(batch.codons()[b], upsampling.positions(given.lengths()[b]));
    }
    if (available < longest) {
      Shape rest = shifted.shape().with(1, longest - available);
      Tensor zeros = backend.cast(backend.full(0, rest), shifted.dtype());
      shifted = backend.concat(List.of(shifted, zeros), 1);
    }
    return backend.maskedFill(shifted, backend.mask(covered, longest), 0);
  }

  private static Tensor cut(Backend backend, Tensor values, int longest) {
    return values.shape().dim(1) == longest ? values : backend.narrow(values, 1, 0, longest);
  }

  private static int longest(Batch batch) {
    return Arrays.stream(batch.codons()).max().orElse(0);
  }
}

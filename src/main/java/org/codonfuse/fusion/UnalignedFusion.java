package org.codonfuse.fusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/**
 * The ablation without codon alignment (BioLangFusion, Table 4, vanilla concatenation): the tokens
 * of every encoder are brought to one width by a linear layer and follow one another along time.
 */
public final class UnalignedFusion implements Fusion {
  private final FusionConfig.Unaligned config;
  private final List<StreamSpec> streams;

  /**
   * @param streams at least two
   * @param config its settings
   */
  public UnalignedFusion(List<StreamSpec> streams, FusionConfig.Unaligned config) {
    this.config = config;
    this.streams = streams.stream().map(stream -> stream.at(Granularity.TOKEN)).toList();
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public List<StreamSpec> streams() {
    return streams;
  }

  @Override
  public int width() {
    return config.modelDim();
  }

  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = new ArrayList<>();
    streams.forEach(
        s -> specs.addAll(ParameterSpec.linear(projection(s), s.width(), config.modelDim())));
    return specs;
  }

  @Override
  public List<Tensor> align(Backend backend, Parameters parameters, Batch batch) {
    return streams.stream().map(stream -> batch.streams().get(stream.name()).values()).toList();
  }

  @Override
  public Fused fuse(Backend backend, Parameters parameters, Batch batch, List<Tensor> aligned) {
    List<Tensor> rows = new ArrayList<>();
    for (int s = 0; s < aligned.size(); s++) {
      Tensor projected =
          Layers.linear(backend, parameters, projection(streams.get(s)), aligned.get(s));
      Shape shape = projected.shape();
      rows.add(
          backend.reshape(projected, Shape.of(shape.dim(0) * shape.dim(1), config.modelDim())));
    }
    int[] lengths = new int[batch.size()];
    for (StreamSpec stream : streams) {
      int[] each = batch.streams().get(stream.name()).lengths();
      Arrays.setAll(lengths, b -> lengths[b] + each[b]);
    }
    int longest = Arrays.stream(lengths).max().orElse(0);
    return Fused.of(
        backend.embedding(backend.concat(rows, 0), order(backend, batch, aligned, longest)),
        backend.mask(lengths, longest));
  }

  /**
   * Which row stands where, [batch, longest]: the last token of a stream beside the first of the
   * next, as if the sequence were alone, so that no padding comes to lie between them.
   */
  private Tensor order(Backend backend, Batch batch, List<Tensor> aligned, int longest) {
    long[] order = new long[Math.multiplyExact(batch.size(), longest)];
    int[] filled = new int[batch.size()];
    long first = 0;
    for (int s = 0; s < aligned.size(); s++) {
      int[] tokens = batch.streams().get(streams.get(s).name()).lengths();
      int positions = aligned.get(s).shape().intDim(1);
      for (int b = 0; b < filled.length; b++) {
        for (int t = 0; t < tokens[b]; t++) {
          order[b * longest + filled[b]++] = first + (long) b * positions + t;
        }
      }
      first += (long) filled.length * positions;
    }
    return backend.tensor(order, Shape.of(batch.size(), longest));
  }

  private static String projection(StreamSpec stream) {
    return "fusion.project." + stream.name();
  }
}

package org.codonfuse.fusion;

import java.util.List;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Tensor;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/** The baseline without fusion: one modality's own token embeddings go straight into the head. */
public final class UnimodalFusion implements Fusion {
  private final StreamSpec stream;

  /**
   * @param stream the only stream
   */
  public UnimodalFusion(StreamSpec stream) {
    this.stream = stream.at(Granularity.TOKEN);
  }

  @Override
  public String name() {
    return stream.molecule().label();
  }

  @Override
  public List<StreamSpec> streams() {
    return List.of(stream);
  }

  @Override
  public int width() {
    return stream.width();
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.of();
  }

  @Override
  public List<Tensor> align(Backend backend, Parameters parameters, Batch batch) {
    return List.of(batch.streams().get(stream.name()).values());
  }

  @Override
  public Fused fuse(Backend backend, Parameters parameters, Batch batch, List<Tensor> aligned) {
    Tensor tokens = aligned.getFirst();
    int[] lengths = batch.streams().get(stream.name()).lengths();
    return Fused.of(tokens, backend.mask(lengths, tokens.shape().intDim(1)));
  }
}

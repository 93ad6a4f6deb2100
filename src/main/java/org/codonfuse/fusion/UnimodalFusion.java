package org.codonfuse.fusion;

import java.util.List;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
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
  public Fused forward(Backend backend, Parameters parameters, Batch batch) {
    Batch.Stream tokens = batch.streams().get(stream.name());
    int longest = tokens.values().shape().intDim(1);
    return Fused.of(tokens.values(), backend.mask(tokens.lengths(), longest));
  }
}

package org.codonfuse.encoder;

import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.encoder.CheckpointNames.Role;
import org.codonfuse.weights.TensorSource;

/** The shape of RNA-FM weights that come without a configuration. */
final class BareRnaFm {
  private static final int PUBLISHED_HIDDEN = 640;
  private static final int PUBLISHED_HEADS = 20;

  /** Where fairseq keeps the number of heads. */
  private static final String HEADS = "args.encoder_attention_heads";

  private BareRnaFm() {}

  static EncoderConfig config(TensorSource source) {
    Shape tokens = matrix(source, "embeddings.tokens.weight");
    Shape positions = matrix(source, "embeddings.positions.weight");
    Shape inner = matrix(source, "layer.0.intermediate.weight");
    int hidden = size(source, tokens.dim(1));
    int layers = 0;
    while (find(source, "layer." + layers + ".norm.weight").isPresent()) {
      layers++;
    }
    EncoderConfig published =
        EncoderFamily.RNA_FM.config(
            hidden, layers, heads(source, hidden), size(source, inner.dim(0)));
    if (tokens.dim(0) != published.vocabularySize()
        || positions.dim(0) != published.maxPositions()) {
      throw new CodonfuseException(
          "%s: %d tokens and %d positions, where RNA-FM has %d and %d; give the --config of the model."
              .formatted(
                  source.path(),
                  tokens.dim(0),
                  positions.dim(0),
                  published.vocabularySize(),
                  published.maxPositions()));
    }
    return published;
  }

  private static int heads(TensorSource source, int hidden) {
    String stated = source.metadata().get(HEADS);
    if (stated != null && stated.matches("[1-9]\\d{0,3}")) {
      return requireDivides(source, hidden, Integer.parseInt(stated));
    }
    if (hidden == PUBLISHED_HIDDEN) {
      return PUBLISHED_HEADS;
    }
    throw new CodonfuseException(
        "%s: the number of attention heads for hidden size %d is unknown; give the --config of the"
                .formatted(source.path(), hidden)
            + " model.");
  }

  private static int requireDivides(TensorSource source, int hidden, int heads) {
    if (hidden % heads != 0) {
      throw new CodonfuseException(
          "%s: %d attention heads do not divide hidden size %d; give the --config of the model."
              .formatted(source.path(), heads, hidden));
    }
    return heads;
  }

  private static Shape matrix(TensorSource source, String ours) {
    return find(source, ours)
        .map(name -> source.info(name).shape())
        .filter(shape -> shape.rank() == 2 && shape.size() > 0)
        .orElseThrow(
            () ->
                new CodonfuseException(
                    "%s: the tensor for '%s' is missing, so these are no RNA-FM weights; put them"
                            .formatted(source.path(), ours)
                        + " into a directory with their config.json and vocab.txt."));
  }

  private static int size(TensorSource source, long dim) {
    if (dim > Integer.MAX_VALUE) {
      throw new CodonfuseException(
          source.path() + ": a width of " + dim + " is no encoder's; check the file.");
    }
    return (int) dim;
  }

  private static Optional<String> find(TensorSource source, String ours) {
    Optional<Role> wanted = Optional.of(new Role.Parameter(ours));
    return source.names().stream()
        .filter(name -> CheckpointNames.role(name).equals(wanted))
        .findFirst();
  }
}

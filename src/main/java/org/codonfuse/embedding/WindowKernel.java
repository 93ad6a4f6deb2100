package org.codonfuse.embedding;

import java.nio.file.Path;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.embedding.store.EmbeddingStore;

/**
 * The transposed convolution of a trained run, which takes windows of two codons apart.
 *
 * @param run where it was read from
 * @param sha256 of the run's parameters
 * @param encoder fingerprint of the encoder whose windows it was trained on
 * @param layer of that encoder
 * @param shape [in, out, 2]
 * @param weight row-major
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody; a list would box.
public record WindowKernel(
    Path run, String sha256, String encoder, String layer, Shape shape, float[] weight) {
  /** Codons of a window. */
  static final int CODONS = 2;

  /**
   * @throws IllegalArgumentException if it does not make two codons of a window
   */
  public WindowKernel {
    if (shape.rank() != 3 || shape.dim(2) != CODONS) {
      throw new IllegalArgumentException("A kernel of shape " + shape);
    }
  }

  /** Fails unless it was trained on rows such as those of a store. */
  void requireFor(EmbeddingStore store) {
    boolean sameEncoder = encoder.equals(store.manifest().model().sha256());
    if (!sameEncoder || shape.dim(0) != store.width()) {
      throw new CodonfuseException(
          ("%s: is a store of another encoder than the one that %s was trained with (its files"
                  + " differ); give one of the right encoder with --dna.")
              .formatted(store.directory(), run));
    }
    if (!layer.equals(store.manifest().layer())) {
      throw new CodonfuseException(
          ("%s: has rows of layer %s where %s was trained on layer %s; give a store of that with"
                  + " --dna.")
              .formatted(store.directory(), store.manifest().layer(), run, layer));
    }
  }
}

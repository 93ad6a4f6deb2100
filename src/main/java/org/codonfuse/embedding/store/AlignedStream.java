package org.codonfuse.embedding.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.codonfuse.sequence.Molecule;

/**
 * One of the encoders whose rows stand side by side in an aligned store.
 *
 * @param molecule what it reads
 * @param model what the user called it
 * @param sha256 its fingerprint
 * @param layer of the store that its rows were read from
 * @param width how many columns are its
 * @param precision of the store that its rows were read from
 * @param longSequences what became of sequences that it cannot read whole
 * @param windows of DNA how windows of six nucleotides became codons: {@link #WINDOW}, or the
 *     SHA-256 of the parameters of the run whose transposed convolution did it; else null
 */
public record AlignedStream(
    Molecule molecule,
    String model,
    String sha256,
    String layer,
    int width,
    StoreManifest.Precisions precision,
    @JsonProperty("long") StoreManifest.LongSequences longSequences,
    @JsonInclude(JsonInclude.Include.NON_NULL) String windows) {
  /** Each codon has the row of its window. */
  public static final String WINDOW = "window";

  /** The same without what its model was called, which makes no difference. */
  AlignedStream unnamed() {
    return new AlignedStream(molecule, "", sha256, layer, width, precision, longSequences, windows);
  }

  /** What the values of its columns are decided by. */
  String identity() {
    return String.join(" ", molecule.label(), sha256, layer, String.valueOf(windows));
  }

  boolean isWhole() {
    return molecule != null
        && model != null
        && sha256 != null
        && layer != null
        && width > 0
        && (molecule == Molecule.DNA) == (windows != null);
  }

  /** Such as {@code layer last, 512 columns, codons by window}. */
  public String columns() {
    String way =
        windows == null
            ? ""
            : ", codons by " + (windows.equals(WINDOW) ? windows : "run %.8s".formatted(windows));
    return "layer %s, %d columns%s".formatted(layer, width, way);
  }

  /**
   * Such as {@code dna (1a2b3c4d, FLOAT32, long truncate), layer last, 512 columns, codons by
   * window}.
   */
  @Override
  public String toString() {
    return "%s (%.8s%s%s), %s"
        .formatted(
            molecule.label(),
            sha256,
            precision == null ? "" : ", " + precision.stored(),
            longSequences == null ? "" : ", long " + longSequences.policy(),
            columns());
  }
}

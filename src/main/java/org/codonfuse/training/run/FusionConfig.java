package org.codonfuse.training.run;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.UsageException;
import org.codonfuse.fusion.ConcatFusion;
import org.codonfuse.fusion.Fusion;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.UnimodalFusion;
import org.codonfuse.sequence.Molecule;

/**
 * A fusion by name, with its settings.
 *
 * @param name see {@link #NAMES}
 * @param dnaDim width that {@code concat} brings DNA embeddings to; 0 for the others
 */
public record FusionConfig(String name, int dnaDim) {
  /** All names that {@code --fusion} takes. */
  public static final List<String> NAMES =
      Stream.concat(
              Stream.of(ConcatFusion.NAME), Arrays.stream(Molecule.values()).map(Molecule::label))
          .toList();

  /** DNA embeddings wider than RNA-FM's are brought to its width, others stay. */
  private static final int WIDEST_DNA = 640;

  /**
   * A fusion with its default settings.
   *
   * @param dnaDim see {@link #dnaDim}; null for the width of the DNA embeddings, at most 640
   * @throws UsageException for an unknown name
   */
  public static FusionConfig of(String name, Integer dnaDim, List<StreamSpec> streams) {
    requireKnown(name);
    if (!name.equals(ConcatFusion.NAME)) {
      return new FusionConfig(name, 0);
    }
    int width =
        streams.stream()
            .filter(stream -> stream.molecule() == Molecule.DNA)
            .mapToInt(StreamSpec::width)
            .max()
            .orElse(WIDEST_DNA);
    return new FusionConfig(name, dnaDim == null ? Math.min(width, WIDEST_DNA) : dnaDim);
  }

  /**
   * Fails unless a fusion has this name.
   *
   * @throws UsageException that lists the names
   */
  public static void requireKnown(String name) {
    if (!NAMES.contains(name)) {
      throw new UsageException(
          "Unknown fusion '" + name + "'; use one of " + String.join(", ", NAMES) + ".");
    }
  }

  /** The molecules among those given that a fusion of this name reads. */
  public static List<Molecule> molecules(String name, List<Molecule> given) {
    requireKnown(name);
    return given.stream()
        .filter(molecule -> name.equals(ConcatFusion.NAME) || name.equals(molecule.label()))
        .collect(Collectors.toList());
  }

  /** The fusion of these streams. */
  public Fusion create(List<StreamSpec> streams) {
    requireKnown(name);
    return name.equals(ConcatFusion.NAME)
        ? new ConcatFusion(streams, dnaDim)
        : new UnimodalFusion(streams.getFirst());
  }
}

package org.codonfuse.training.run;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
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
   * @throws IllegalArgumentException if {@code concat} has no width for DNA
   */
  public FusionConfig {
    if (name.equals(ConcatFusion.NAME) && dnaDim < 1) {
      throw new IllegalArgumentException("dna_dim " + dnaDim);
    }
  }

  /**
   * A fusion with its default settings.
   *
   * @param dnaDim see {@link #dnaDim}; by default the width of the DNA embeddings, at most 640
   * @throws UsageException for an unknown name
   */
  public static FusionConfig of(String name, OptionalInt dnaDim, List<StreamSpec> streams) {
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
    return new FusionConfig(name, dnaDim.orElse(Math.min(width, WIDEST_DNA)));
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

  /**
   * The encoders among those given that a fusion of this name reads, in the order of the molecules.
   *
   * @param given by molecule
   * @throws UsageException if none of them is
   */
  public static <T> SequencedMap<Molecule, T> read(String name, Map<Molecule, T> given) {
    requireKnown(name);
    List<Molecule> wanted =
        Arrays.stream(Molecule.values())
            .filter(molecule -> name.equals(ConcatFusion.NAME) || name.equals(molecule.label()))
            .toList();
    SequencedMap<Molecule, T> read = new LinkedHashMap<>();
    wanted.stream()
        .filter(given::containsKey)
        .forEach(molecule -> read.put(molecule, given.get(molecule)));
    if (read.isEmpty()) {
      throw new UsageException(
          "--fusion "
              + name
              + " needs an encoder; give its model directory with "
              + wanted.stream().map(m -> "--" + m.label()).collect(Collectors.joining(" and/or "))
              + ".");
    }
    return read;
  }

  /** The fusion of these streams. */
  public Fusion create(List<StreamSpec> streams) {
    requireKnown(name);
    if (name.equals(ConcatFusion.NAME)) {
      return new ConcatFusion(streams, dnaDim);
    }
    return streams.stream()
        .filter(stream -> stream.molecule().label().equals(name))
        .findFirst()
        .<Fusion>map(UnimodalFusion::new)
        .orElseThrow(
            () ->
                new UsageException("--fusion " + name + " needs --" + name + " with an encoder."));
  }
}

package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.Molecule;

/**
 * An encoder as an input of a model.
 *
 * @param name of the stream, in tensor names: the molecule's, unless a model has several encoders
 *     of it
 * @param molecule what it reads
 * @param place its model directory, or a store of what it computed
 */
public record StreamInput(String name, Molecule molecule, Path place) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,31}");

  /** What parameters that belong to no stream are called. */
  private static final Set<String> RESERVED = Set.of("shared", "fused", "w");

  /**
   * @throws UsageException if it cannot have that name
   */
  public StreamInput {
    if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
      throw new UsageException(
          "'%s' cannot be the name of an encoder; use up to 32 of a-z, 0-9, - and _, beginning with"
                  .formatted(name)
              + " a letter, and not "
              + String.join(", ", RESERVED.stream().sorted().toList())
              + ".");
    }
  }

  /** An encoder under the name of its molecule. */
  public static StreamInput of(Molecule molecule, Path place) {
    return new StreamInput(molecule.label(), molecule, place);
  }

  /**
   * The inputs in the order that fusions have them: DNA, RNA, protein, and as they were given.
   *
   * @throws UsageException if two have one name
   */
  public static List<StreamInput> ordered(List<StreamInput> inputs) {
    Set<String> names = new HashSet<>();
    for (StreamInput input : inputs) {
      if (!names.add(input.name())) {
        throw new UsageException(
            "Two encoders are named '%s'; name them, as in --%s NAME=MODEL."
                .formatted(input.name(), input.molecule().label()));
      }
    }
    return inputs.stream().sorted(Comparator.comparing(StreamInput::molecule)).toList();
  }
}

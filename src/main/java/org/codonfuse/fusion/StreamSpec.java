package org.codonfuse.fusion;

import org.codonfuse.alignment.Granularity;
import org.codonfuse.sequence.Molecule;

/**
 * One stream of embeddings that a fusion takes: a modality as one encoder sees it.
 *
 * @param name its name in tensor names, such as {@code dna}
 * @param molecule what it describes
 * @param width width of its embeddings
 * @param granularity what one of its rows stands for
 */
public record StreamSpec(String name, Molecule molecule, int width, Granularity granularity) {
  /** The same stream in rows of another granularity. */
  public StreamSpec at(Granularity other) {
    return new StreamSpec(name, molecule, width, other);
  }

  /** Name of the parameter that takes its windows apart, in models that have one. */
  public String kernel() {
    return "align." + name + ".weight";
  }
}

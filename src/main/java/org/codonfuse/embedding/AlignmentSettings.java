package org.codonfuse.embedding;

import java.util.List;
import java.util.Optional;
import org.codonfuse.compute.DType;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;

/**
 * What is aligned and how.
 *
 * @param stores of one encoder each, in the order of their columns
 * @param kernel takes the windows of DNA apart; empty: each codon has the row of its window
 * @param stored element type of the rows
 * @param shard the share of the sequences to align; empty: all
 * @param version of the program, for the record
 */
public record AlignmentSettings(
    List<EmbeddingStore> stores,
    Optional<WindowKernel> kernel,
    DType stored,
    Optional<Shard> shard,
    String version) {
  /**
   * @throws IllegalArgumentException if there is no store, or a kernel and none of DNA
   */
  public AlignmentSettings {
    stores = List.copyOf(stores);
    if (stores.isEmpty() || (kernel.isPresent() && !has(stores, Molecule.DNA))) {
      throw new IllegalArgumentException("Nothing to align, or to take apart");
    }
  }

  /** What the proteins were translated with; the standard code if there are none. */
  public GeneticCode code() {
    return stores.stream()
        .filter(store -> store.manifest().molecule() == Molecule.PROTEIN)
        .findFirst()
        .map(store -> GeneticCode.of(store.manifest().geneticCode()))
        .orElseGet(GeneticCode::standard);
  }

  private static boolean has(List<EmbeddingStore> stores, Molecule molecule) {
    return stores.stream().anyMatch(store -> store.manifest().molecule() == molecule);
  }
}

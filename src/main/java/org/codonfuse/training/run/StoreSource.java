package org.codonfuse.training.run;

import java.nio.file.Path;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Precision;
import org.codonfuse.embedding.LongPolicy;
import org.codonfuse.embedding.StoredSequences;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;

/** A stream whose embeddings somebody computed with {@code codonfuse embed}. */
final class StoreSource implements StreamSource {
  private final String name;
  private final EmbeddingStore store;

  private StoreSource(String name, EmbeddingStore store) {
    this.name = name;
    this.store = store;
  }

  /**
   * Opens a store.
   *
   * @throws CodonfuseException if it is unusable or of another molecule
   */
  static StoreSource open(String name, Molecule molecule, Path directory) {
    return new StoreSource(name, StoredSequences.open(molecule, directory));
  }

  @Override
  public StreamSpec stream() {
    Molecule molecule = store.manifest().molecule();
    return new StreamSpec(name, molecule, store.width(), Granularity.aligned(molecule));
  }

  @Override
  public RunConfig.Stream describe() {
    StoreManifest manifest = store.manifest();
    return new RunConfig.Stream(
        name,
        manifest.molecule(),
        store.width(),
        manifest.model().id(),
        manifest.model().sha256(),
        new RunConfig.Embedding(
            manifest.layer(),
            Precision.valueOf(manifest.precision().computed().name()),
            Precision.valueOf(manifest.precision().stored().name()),
            LongPolicy.of(manifest.longSequences().policy()),
            store.directory().toAbsolutePath().normalize().toString()));
  }

  @Override
  public StoredRows rows(
      StreamSpec wanted, Request request, EmbeddingOptions options, Progress progress) {
    StoredSequences.requirePooling(store, wanted.granularity(), "the model");
    requireCode(request.code());
    return rows(store, wanted, request);
  }

  private void requireCode(GeneticCode code) {
    StoreManifest manifest = store.manifest();
    if (manifest.molecule() == Molecule.PROTEIN && manifest.geneticCode() != code.number()) {
      throw new CodonfuseException(
          ("%s: was translated with genetic code %d where the data are translated with %d; embed"
                  + " again with --genetic-code %d or train with --genetic-code %d.")
              .formatted(
                  store.directory(),
                  manifest.geneticCode(),
                  code.number(),
                  code.number(),
                  manifest.geneticCode()));
    }
  }

  /** The rows of a data set's sequences in a store. */
  static StoredRows rows(EmbeddingStore store, StreamSpec wanted, Request request) {
    return new StoredRows(
        StoredSequences.find(store, wanted.granularity(), request.code(), request.dataset()));
  }

  @Override
  public void close() {
    store.close();
  }
}

package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Precision;
import org.codonfuse.embedding.LongPolicy;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Example;
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
    EmbeddingStore store = EmbeddingStore.open(directory);
    Molecule found = store.manifest().molecule();
    if (found != molecule) {
      store.close();
      throw new CodonfuseException(
          "%s: a store of %s embeddings was given as --%s; give it as --%s."
              .formatted(directory, found.label(), molecule.label(), found.label()));
    }
    return new StoreSource(name, store);
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
    requirePooling(wanted.granularity());
    requireCode(request.code());
    return rows(store, wanted, request);
  }

  private void requirePooling(Granularity granularity) {
    Pooling pooling = store.manifest().pooling();
    Pooling needed = pooling(granularity);
    if (pooling != needed && pooling != Pooling.NONE) {
      throw new CodonfuseException(
          "%s: has %s (--pool %s) where the model reads %s; embed again with --pool %s."
              .formatted(
                  store.directory(),
                  rowsOf(pooling),
                  pooling.label(),
                  rowsOf(needed),
                  needed == Pooling.NONE ? "none" : needed.label() + " or none"));
    }
  }

  /** The pooling that makes rows of a granularity. */
  static Pooling pooling(Granularity granularity) {
    return switch (granularity) {
      case TOKEN -> Pooling.NONE;
      case CODON -> Pooling.CODON;
      case WINDOW -> Pooling.WINDOW;
    };
  }

  private static String rowsOf(Pooling pooling) {
    return switch (pooling) {
      case NONE -> "a row for every token";
      case CODON -> "a row for every codon";
      case WINDOW -> "a row for every two codons";
      case MEAN, CLS, MAX -> "one row for a sequence";
    };
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
    Letters letters = Letters.of(wanted.molecule(), request.code());
    List<Example> examples = request.dataset().examples();
    IndexEntry[] entries = new IndexEntry[examples.size()];
    List<Example> missing = new ArrayList<>();
    for (int i = 0; i < entries.length; i++) {
      Optional<IndexEntry> entry = store.find(letters.sha256(examples.get(i).sequence()));
      entries[i] = entry.orElse(null);
      if (entry.isEmpty()) {
        missing.add(examples.get(i));
      }
    }
    if (!missing.isEmpty()) {
      throw missing(store, request, missing);
    }
    List<CodingSequence> sequences = examples.stream().map(Example::sequence).toList();
    return new StoredRows(store, wanted.granularity(), letters, sequences, entries);
  }

  private static CodonfuseException missing(
      EmbeddingStore store, Request request, List<Example> missing) {
    Example first = missing.getFirst();
    StoreManifest manifest = store.manifest();
    StringBuilder command = new StringBuilder("codonfuse embed --model " + manifest.model().id());
    command.append(" --input ").append(request.dataset().source()).append(" --output STORE");
    command.append(" --pool ").append(manifest.pooling().label());
    if (!manifest.layer().equals("last")) {
      command.append(" --layer ").append(manifest.layer());
    }
    if (manifest.molecule() == Molecule.PROTEIN && manifest.geneticCode() != 1) {
      command.append(" --genetic-code ").append(manifest.geneticCode());
    }
    return new CodonfuseException(
        "%s:%d: the %s of sequence '%s'%s is not in the store %s; make one that has it with '%s'."
            .formatted(
                request.dataset().source(),
                first.line(),
                manifest.molecule().label(),
                first.id(),
                missing.size() == 1 ? "" : " (and of " + (missing.size() - 1) + " others)",
                store.directory(),
                command));
  }

  @Override
  public void close() {
    store.close();
  }
}

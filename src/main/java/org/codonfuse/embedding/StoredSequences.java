package org.codonfuse.embedding;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.CodonAlignment;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Segments;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.token.Tokens;

/**
 * Sequences of a data set in a store: where the rows of each are, how much of it they cover, and
 * how they become rows of a granularity. May be read by several threads at once.
 */
public final class StoredSequences {
  private final EmbeddingStore store;
  private final Granularity granularity;
  private final Letters letters;
  private final List<CodingSequence> sequences;
  private final IndexEntry[] entries;
  private final int[] rows;
  private final int[] nucleotides;

  private StoredSequences(
      EmbeddingStore store,
      Granularity granularity,
      Letters letters,
      List<CodingSequence> sequences,
      IndexEntry[] entries) {
    this.store = store;
    this.granularity = granularity;
    this.letters = letters;
    this.sequences = sequences;
    this.entries = entries;
    this.rows = new int[entries.length];
    this.nucleotides = new int[entries.length];
    IntStream.range(0, entries.length).forEach(this::place);
  }

  /**
   * Opens a store of one encoder.
   *
   * @param molecule what the encoder must read
   * @throws CodonfuseException if it is unusable, of another molecule, or aligned
   */
  public static EmbeddingStore open(Molecule molecule, Path directory) {
    EmbeddingStore store = EmbeddingStore.open(directory);
    try {
      requireOneEncoder(store, molecule);
      return store;
    } catch (CodonfuseException e) {
      store.close();
      throw e;
    }
  }

  private static void requireOneEncoder(EmbeddingStore store, Molecule molecule) {
    StoreManifest manifest = store.manifest();
    if (manifest.isAligned()) {
      List<String> streams =
          manifest.streams().stream().map(stream -> stream.molecule().label()).toList();
      throw new CodonfuseException(
          ("%s: is an aligned store (codons of %s) where --%s takes the store of one encoder; give"
                  + " those that it was aligned from with %s.")
              .formatted(
                  store.directory(),
                  String.join(", ", streams),
                  molecule.label(),
                  streams.stream().map(stream -> "--" + stream).collect(Collectors.joining(", "))));
    }
    Molecule found = manifest.molecule();
    if (found != molecule) {
      throw new CodonfuseException(
          "%s: a store of %s embeddings was given as --%s; give it as --%s."
              .formatted(store.directory(), found.label(), molecule.label(), found.label()));
    }
  }

  /**
   * Finds sequences.
   *
   * @param granularity of the rows that are wanted; the store has rows of it or of tokens
   * @param code translates for proteins
   * @throws CodonfuseException if one is missing, or has more rows than it can have
   */
  public static StoredSequences find(
      EmbeddingStore store, Granularity granularity, GeneticCode code, Dataset dataset) {
    Letters letters = Letters.of(store.manifest().molecule(), code);
    List<Example> examples = dataset.examples();
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
      throw missing(store, dataset, missing);
    }
    List<CodingSequence> sequences = examples.stream().map(Example::sequence).toList();
    return new StoredSequences(store, granularity, letters, sequences, entries);
  }

  private static CodonfuseException missing(
      EmbeddingStore store, Dataset dataset, List<Example> missing) {
    Example first = missing.getFirst();
    StoreManifest manifest = store.manifest();
    StringBuilder command = new StringBuilder("codonfuse embed --model " + manifest.model().id());
    command.append(" --input ").append(dataset.source()).append(" --output STORE");
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
                dataset.source(),
                first.line(),
                manifest.molecule().label(),
                first.id(),
                missing.size() == 1 ? "" : " (and of " + (missing.size() - 1) + " others)",
                store.directory(),
                command));
  }

  /**
   * Fails unless rows of a granularity can be made of those of a store.
   *
   * @param reader who wants them, such as {@code the model}
   */
  public static void requirePooling(EmbeddingStore store, Granularity granularity, String reader) {
    Pooling pooling = store.manifest().pooling();
    Pooling needed = pooling(granularity);
    if (pooling != needed && pooling != Pooling.NONE) {
      throw new CodonfuseException(
          "%s: has %s (--pool %s) where %s reads %s; embed again with --pool %s."
              .formatted(
                  store.directory(),
                  rowsOf(pooling),
                  pooling.label(),
                  reader,
                  rowsOf(needed),
                  needed == Pooling.NONE ? "none" : needed.label() + " or none"));
    }
  }

  /** The pooling that makes rows of a granularity. */
  public static Pooling pooling(Granularity granularity) {
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

  private void place(int sequence) {
    int length = sequences.get(sequence).length();
    int stored = entries[sequence].rows();
    int whole;
    int covered;
    if (store.manifest().pooling() == Pooling.NONE) {
      Tokens tokens = letters.tokens(sequences.get(sequence));
      whole = tokens.length();
      covered = stored == 0 ? 0 : tokens.ends()[Math.min(stored, whole) - 1];
    } else {
      whole = CodonAlignment.rows(granularity, length);
      covered = Math.min(length, stored * granularity.nucleotides());
    }
    if (stored > whole) {
      throw new CodonfuseException(
          "%s: has %d rows for sequence '%s', which has %d; embed it again."
              .formatted(store.directory(), stored, sequences.get(sequence).id(), whole));
    }
    // One or two nucleotides after the last codon belong to no row, and were not cut off.
    nucleotides[sequence] = stored == whole ? length : covered;
    rows[sequence] = aligns() ? CodonAlignment.rows(granularity, nucleotides[sequence]) : stored;
  }

  /** The store. */
  public EmbeddingStore store() {
    return store;
  }

  /** What its encoder sees of a sequence. */
  Letters letters() {
    return letters;
  }

  /** Whether rows of the store are to be summed; they are taken as they are otherwise. */
  public boolean aligns() {
    return granularity != Granularity.TOKEN && store.manifest().pooling() == Pooling.NONE;
  }

  /** A sequence. */
  public CodingSequence sequence(int sequence) {
    return sequences.get(sequence);
  }

  /** Where the rows of a sequence are. */
  public IndexEntry entry(int sequence) {
    return entries[sequence];
  }

  /** How many rows of the granularity a sequence has. */
  public int rows(int sequence) {
    return rows[sequence];
  }

  /** How much of a sequence the rows cover: all of it, or where it was cut what came before. */
  public int nucleotides(int sequence) {
    return nucleotides[sequence];
  }

  /** The rows of the granularity as sums of the stored rows of a sequence, the first of them 0. */
  public Segments segments(int sequence) {
    int stored = entries[sequence].rows();
    if (!aligns()) {
      return Spans.identity(stored);
    }
    Tokens tokens =
        letters.tokens(sequences.get(sequence)).select(IntStream.range(0, stored).toArray());
    return CodonAlignment.segments(granularity, tokens, nucleotides[sequence], 0);
  }
}

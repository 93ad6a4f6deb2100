package org.codonfuse.embedding.store;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.weights.Elements;
import org.codonfuse.weights.StoredType;

/**
 * A complete store, read-only and mapped into memory: a part when one of its rows is first asked
 * for, a page when it is touched. All methods may be called from any thread. The opener owns the
 * mappings and closes them; after {@link #close} the entries remain readable, and rows, those
 * handed out before too, throw {@link IllegalStateException}.
 */
public final class EmbeddingStore implements AutoCloseable {
  private final Path directory;
  private final StoreManifest manifest;
  private final List<IndexEntry> entries;
  private final Map<String, IndexEntry> byHash;
  private final Map<Integer, List<IndexEntry>> byPart;
  private final Map<Integer, PartFile> parts = new ConcurrentHashMap<>();
  private boolean closed;

  private EmbeddingStore(Path directory, StoreManifest manifest, List<IndexEntry> entries) {
    this.directory = directory;
    this.manifest = manifest;
    this.entries = List.copyOf(entries);
    this.byHash = HashMap.newHashMap(entries.size());
    entries.forEach(entry -> byHash.putIfAbsent(entry.sha256(), entry));
    this.byPart = entries.stream().collect(Collectors.groupingBy(IndexEntry::part));
  }

  /**
   * Opens a store.
   *
   * @throws CodonfuseException if it is none, is incomplete, newer than this program or damaged;
   *     what is wrong with a part is found when it is first read
   */
  public static EmbeddingStore open(Path directory) {
    StoreFiles.requireStore(directory);
    StoreManifest manifest = StoreManifest.read(directory.resolve(StoreFiles.MANIFEST));
    if (!manifest.complete()) {
      throw incomplete(directory, StoreSummary.of(directory));
    }
    Path index = directory.resolve(StoreFiles.INDEX);
    List<IndexEntry> entries = IndexFile.read(index, manifest.count(StoreManifest.PARTS));
    long sequences = manifest.count(StoreManifest.SEQUENCES);
    if (entries.size() != sequences) {
      throw PartFile.damaged(
          index,
          "has %d sequences where the manifest counts %d".formatted(entries.size(), sequences));
    }
    return new EmbeddingStore(directory, manifest, entries);
  }

  static CodonfuseException incomplete(Path directory, StoreSummary summary) {
    return new CodonfuseException(
        ("%s: is not complete (%s); run the command that began it again, which goes on where it"
                + " stopped.")
            .formatted(directory, summary.share()));
  }

  /** What the rows are and what they were computed from. */
  public StoreManifest manifest() {
    return manifest;
  }

  /** Where the store is. */
  public Path directory() {
    return directory;
  }

  /** Values of a row. */
  public int width() {
    return manifest.width();
  }

  /** The element type of the rows. */
  public StoredType type() {
    return manifest.precision().storedType();
  }

  /** All sequences, in the order of the input. */
  public List<IndexEntry> entries() {
    return entries;
  }

  /**
   * The sequences of these ids, in the order of the input.
   *
   * @throws CodonfuseException if there is none of one of them
   */
  public List<IndexEntry> entries(List<String> ids) {
    Set<String> wanted = new LinkedHashSet<>(ids);
    List<IndexEntry> found = entries.stream().filter(entry -> wanted.contains(entry.id())).toList();
    found.forEach(entry -> wanted.remove(entry.id()));
    if (!wanted.isEmpty()) {
      throw new CodonfuseException(
          "%s: has no sequence '%s'; its ids are in index.csv."
              .formatted(directory, wanted.iterator().next()));
    }
    return found;
  }

  /**
   * The first sequence with these letters.
   *
   * @param sha256 of the letters
   */
  public Optional<IndexEntry> find(String sha256) {
    return Optional.ofNullable(byHash.get(sha256));
  }

  /**
   * The rows of a sequence as they are stored: [rows, width], little-endian, read-only, in place. A
   * {@link MemorySegment}, so that tensors are made from it without a copy; the rows of a part
   * begin at a multiple of 64 bytes.
   *
   * @param entry one of this store's
   * @throws CodonfuseException if the part is damaged or has no such rows
   * @throws IllegalStateException after {@link #close}
   */
  public MemorySegment rows(IndexEntry entry) {
    return rows(entry, entry);
  }

  /**
   * All rows from those of one sequence to those of another in the same part, with what lies
   * between them, see {@link #rows(IndexEntry)}.
   *
   * @param first one of this store's
   * @param last one of this store's that does not lie before
   */
  public MemorySegment rows(IndexEntry first, IndexEntry last) {
    PartFile part = part(first.part());
    requireIn(part, first);
    requireIn(part, last);
    return part.rows(first.row(), last.row() + last.rows() - first.row());
  }

  private void requireIn(PartFile part, IndexEntry entry) {
    if (entry.row() > part.rows() - entry.rows()) {
      throw PartFile.damaged(
          directory.resolve(StoreFiles.INDEX),
          "gives '%s' %d rows from %d of part %d, which has %d"
              .formatted(entry.id(), entry.rows(), entry.row(), entry.part(), part.rows()));
    }
  }

  /**
   * Reads the rows of a sequence, converting halves exactly.
   *
   * @param entry one of this store's
   * @param target receives rows · width values in row-major order
   * @param offset of the first in the target
   * @throws CodonfuseException if the part is damaged or has no such rows
   * @throws IllegalStateException after {@link #close}
   */
  public void read(IndexEntry entry, float[] target, int offset) {
    Elements.decode(type(), rows(entry), target, offset, Math.multiplyExact(entry.rows(), width()));
  }

  /** What to say of rows that are no finite numbers. */
  public CodonfuseException notFinite(String id) {
    return new CodonfuseException(
        ("%s: the rows of sequence '%s' are not numbers; check the store with 'codonfuse store"
                + " verify'.")
            .formatted(directory, id));
  }

  private PartFile part(int number) {
    PartFile part = parts.get(number);
    if (part != null) {
      return part;
    }
    synchronized (parts) {
      if (closed) {
        throw new IllegalStateException(directory + " is closed");
      }
      part = parts.get(number);
      if (part == null) {
        part = PartFile.open(StoreFiles.part(directory, number), type(), width());
        parts.put(number, part);
        requireSame(part, number);
      }
      return part;
    }
  }

  /** The part says of its rows which sequences they are of; the index must say the same. */
  private void requireSame(PartFile part, int number) {
    Map<String, StoredSequence> places = new HashMap<>();
    part.sequences(number).forEach(place -> places.putIfAbsent(place.sha256(), place));
    for (IndexEntry entry : byPart.getOrDefault(number, List.of())) {
      if (!entry.isAt(places.get(entry.sha256()))) {
        throw PartFile.damaged(
            directory.resolve(StoreFiles.INDEX),
            "gives '%s' %d rows from %d of part %d, which the part does not say of it"
                .formatted(entry.id(), entry.rows(), entry.row(), number));
      }
    }
  }

  /**
   * Unmaps the parts; does nothing the second time.
   *
   * @throws IllegalStateException while native code that was handed rows is still running
   */
  @Override
  public void close() {
    synchronized (parts) {
      closed = true;
      parts.values().forEach(PartFile::close);
    }
  }
}

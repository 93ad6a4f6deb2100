package org.codonfuse.embedding.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.LockFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a store part by part. Whatever ends the process, complete parts stay and a later writer
 * with the same settings and plan goes on after them; the store is the same, bit for bit, as if
 * nothing had happened. One writer at a time has a store; it is not for several threads at once,
 * except that each of its parts may be written by a thread of its own.
 */
public final class StoreWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreWriter.class);

  private final Path directory;
  private final List<List<String>> plan;
  private final LockFile lock;
  private final List<List<StoredSequence>> stored;
  private final BitSet done = new BitSet();
  private StoreManifest manifest;

  private StoreWriter(
      Path directory, StoreManifest manifest, List<List<String>> plan, LockFile lock) {
    this.directory = directory;
    this.manifest = manifest;
    this.plan = plan;
    this.lock = lock;
    this.stored = new ArrayList<>(Collections.nCopies(plan.size(), List.of()));
  }

  /**
   * Begins a store, or goes on with one: parts that are there and right are {@link #done}.
   *
   * @param settings see {@link StoreManifest#settings}
   * @param plan for every part the hashes of its sequences, in the order of their rows
   * @throws CodonfuseException if the directory cannot be written, is something else, has other
   *     settings, or somebody else is writing it
   */
  public static StoreWriter open(Path directory, StoreManifest settings, List<List<String>> plan) {
    requirePlan(plan);
    boolean isNew = requireOurs(directory);
    // Said even of a store that cannot be written.
    requireSame(directory, settings);
    LockFile lock = null;
    boolean opened = false;
    try {
      Files.createDirectories(directory);
      lock = take(directory);
      StoreFiles.removeTemporaries(directory);
      StoreWriter writer = new StoreWriter(directory, settings, plan, lock);
      writer.begin();
      opened = true;
      return writer;
    } catch (IOException e) {
      throw unwritable(directory, e, isNew);
    } finally {
      if (!opened && lock != null) {
        lock.close();
      }
    }
  }

  private static LockFile take(Path directory) throws IOException {
    return LockFile.tryTake(directory.resolve(StoreFiles.LOCK))
        .orElseThrow(
            () ->
                new CodonfuseException(
                    directory
                        + ": somebody else is writing this store; wait until it is complete, or"
                        + " choose another --output."));
  }

  private static void requirePlan(List<List<String>> plan) {
    for (List<String> part : plan) {
      Set<String> hashes = new HashSet<>(part);
      if (part.isEmpty() || hashes.size() < part.size()) {
        throw new IllegalArgumentException("A part without sequences, or one of them twice");
      }
    }
  }

  private static boolean requireOurs(Path directory) {
    try {
      if (!Files.exists(directory)) {
        return true;
      }
      boolean ours =
          Files.isDirectory(directory)
              && (Files.exists(directory.resolve(StoreFiles.MANIFEST))
                  || StoreFiles.isUnused(directory));
      if (!ours) {
        throw new CodonfuseException(
            directory + ": something other than an embedding store; choose another --output.");
      }
      return false;
    } catch (IOException e) {
      throw AtomicFiles.unreadable(directory, e);
    }
  }

  /**
   * Checks that a store, if there is one, is of these settings.
   *
   * @throws CodonfuseException if it is of others, or cannot be read
   */
  public static void requireSame(Path directory, StoreManifest settings) {
    Path file = directory.resolve(StoreFiles.MANIFEST);
    if (Files.exists(file)) {
      requireSame(directory, settings, StoreManifest.read(file));
    }
  }

  private static void requireSame(Path directory, StoreManifest wanted, StoreManifest there) {
    List<String> differences = wanted.differences(there);
    if (!differences.isEmpty()) {
      throw new CodonfuseException(
          directory
              + ": was written with other settings ("
              + String.join("; ", differences)
              + "); use the same, or another --output.");
    }
  }

  private void begin() throws IOException {
    Path file = directory.resolve(StoreFiles.MANIFEST);
    boolean complete = false;
    if (Files.exists(file)) {
      StoreManifest there = StoreManifest.read(file);
      requireSame(directory, manifest, there);
      complete = there.complete();
      manifest = there;
      check();
    }
    if (!complete || done.cardinality() < plan.size()) {
      Map<String, Long> counts = new LinkedHashMap<>();
      counts.put(StoreManifest.UNIQUE, plan.stream().flatMap(List::stream).distinct().count());
      counts.put(StoreManifest.PARTS, (long) plan.size());
      save(false, counts);
    }
  }

  private void check() throws IOException {
    for (int number : StoreFiles.parts(directory)) {
      Path path = StoreFiles.part(directory, number);
      if (number >= plan.size()) {
        LOG.warn("{}: is not part of this store any more; removed.", path);
        Files.delete(path);
        continue;
      }
      try (PartFile part =
          PartFile.open(path, manifest.precision().storedType(), manifest.width())) {
        List<StoredSequence> sequences = part.sequences(number);
        if (!sequences.stream().map(StoredSequence::sha256).toList().equals(plan.get(number))) {
          throw PartFile.damaged(path, "holds other sequences than planned");
        }
        part.requireChecksum();
        done(number, sequences);
      } catch (CodonfuseException e) {
        LOG.warn("It is computed again: {}", e.getMessage());
      }
    }
  }

  /** The store. */
  public Path directory() {
    return directory;
  }

  /** The numbers of the parts that are there and right. */
  public BitSet done() {
    return (BitSet) done.clone();
  }

  /** Whether nothing is left to write, not even by {@link #finish}. */
  public boolean isComplete() {
    return manifest.complete();
  }

  /**
   * Begins a part.
   *
   * @param rows for every sequence of the part as planned how many rows it has
   * @throws CodonfuseException if it cannot be written
   */
  public PartWriter part(int number, List<Integer> rows) {
    List<String> planned = plan.get(number);
    if (rows.size() != planned.size()) {
      throw new IllegalArgumentException(
          "Rows of %d sequences for a part of %d".formatted(rows.size(), planned.size()));
    }
    List<StoredSequence> sequences = new ArrayList<>(rows.size());
    long row = 0;
    for (int i = 0; i < rows.size(); i++) {
      sequences.add(new StoredSequence(planned.get(i), number, row, rows.get(i)));
      row += rows.get(i);
    }
    return PartWriter.open(
        this, number, sequences, manifest.precision().storedType(), manifest.width());
  }

  /** Takes a part from elsewhere: another name for the same file where that is possible. */
  void adopt(int number, Path from, List<StoredSequence> sequences) {
    Path target = StoreFiles.part(directory, number);
    Path temporary = StoreFiles.temporary(target);
    try {
      try {
        Files.createLink(temporary, from.toRealPath());
      } catch (UnsupportedOperationException | IOException e) {
        LOG.debug("{} is copied: {}", from, e.toString());
        Files.copy(from, temporary, StandardCopyOption.REPLACE_EXISTING);
        StoreFiles.force(temporary);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritable(e);
    }
    done(number, sequences);
  }

  synchronized void done(int number, List<StoredSequence> sequences) {
    stored.set(number, sequences);
    done.set(number);
  }

  /**
   * Completes the store: writes the index, then the manifest.
   *
   * @param input all sequences, in the order of the input; equal ones have the same rows
   * @param counts what else was counted, such as truncated sequences
   * @throws CodonfuseException if it cannot be written
   * @throws IllegalStateException if parts are missing
   */
  public void finish(List<NamedSequence> input, Map<String, Long> counts) {
    if (done.cardinality() < plan.size()) {
      throw new IllegalStateException("Missing: part " + done.nextClearBit(0));
    }
    Map<String, StoredSequence> places = new HashMap<>();
    long rows = 0;
    for (List<StoredSequence> part : stored) {
      for (StoredSequence sequence : part) {
        places.putIfAbsent(sequence.sha256(), sequence);
        rows += sequence.rows();
      }
    }
    for (NamedSequence sequence : input) {
      if (!places.containsKey(sequence.sha256())) {
        throw new IllegalArgumentException("Sequence '" + sequence.id() + "' was not planned");
      }
    }
    Map<String, Long> all = new LinkedHashMap<>();
    all.put(StoreManifest.SEQUENCES, (long) input.size());
    all.put(StoreManifest.UNIQUE, (long) places.size());
    all.put(StoreManifest.ROWS, rows);
    all.put(StoreManifest.PARTS, (long) plan.size());
    counts.forEach(all::putIfAbsent);
    IndexFile.write(directory.resolve(StoreFiles.INDEX), input, places);
    try {
      StoreFiles.force(directory);
      save(true, all);
      StoreFiles.force(directory);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private void save(boolean complete, Map<String, Long> counts) {
    manifest = manifest.with(complete, counts);
    AtomicFiles.writeString(directory.resolve(StoreFiles.MANIFEST), manifest.toJson());
  }

  CodonfuseException unwritable(IOException e) {
    return unwritable(directory, e, false);
  }

  private static CodonfuseException unwritable(Path directory, IOException e, boolean isNew) {
    return new CodonfuseException(
        directory
            + ": cannot be written ("
            + AtomicFiles.reason(e)
            + "); "
            + (isNew
                ? "choose an --output that is writable and has room."
                : "make it writable, with room, and run the same command again, which goes on"
                    + " where it stopped."),
        e);
  }

  /** Lets others write; an incomplete store stays as it is, to be gone on with. */
  @Override
  public void close() {
    lock.close();
  }
}

package org.codonfuse.embedding.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.LittleEndian;
import org.codonfuse.weights.StoredType;

/** Reads a whole store and says what is wrong with it. */
public final class StoreVerification {

  /** Missing parts that are named one by one. */
  private static final int MOST_MISSING = 100;

  private final Path directory;
  private final StoreManifest manifest;
  private final List<String> findings = new ArrayList<>();

  /** Said last, though found while the parts are open: what they hold is not kept. */
  private final List<String> indexFindings = new ArrayList<>();

  private int readable;
  private long rows;

  private StoreVerification(Path directory, StoreManifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /**
   * Checks every part, its checksum and that its values are finite, and every line of the index.
   *
   * @return what is wrong, a sentence each; nothing if all is well
   * @throws CodonfuseException if it is no store
   */
  public static List<String> of(Path directory, Progress progress) {
    StoreSummary summary = StoreSummary.of(directory);
    StoreVerification verification = new StoreVerification(directory, summary.manifest());
    verification.run(summary, progress);
    verification.findings.addAll(verification.indexFindings);
    return verification.findings;
  }

  private void run(StoreSummary summary, Progress progress) {
    boolean complete = manifest.complete();
    if (!complete) {
      findings.add(EmbeddingStore.incomplete(directory, summary).getMessage());
    }
    Map<Integer, List<IndexEntry>> index = complete ? index() : Map.of();
    try (Progress.Task task = progress.start("Verifying parts", summary.parts())) {
      Set<Integer> there = new LinkedHashSet<>(StoreFiles.parts(directory));
      for (int number : there) {
        verifyPart(number, index.getOrDefault(number, List.of()));
        task.step(1);
      }
      if (complete) {
        nameMissing(there);
      }
    } catch (IOException e) {
      throw AtomicFiles.unreadable(directory, e);
    }
    if (complete && readable == manifest.count(StoreManifest.PARTS)) {
      compare(directory, StoreManifest.ROWS, rows);
    }
  }

  /** The lines of the index by part; none if it cannot be read. */
  private Map<Integer, List<IndexEntry>> index() {
    Path file = directory.resolve(StoreFiles.INDEX);
    try {
      List<IndexEntry> entries = IndexFile.read(file, manifest.count(StoreManifest.PARTS));
      compare(file, StoreManifest.SEQUENCES, entries.size());
      compare(
          file, StoreManifest.UNIQUE, entries.stream().map(IndexEntry::sha256).distinct().count());
      return entries.stream().collect(Collectors.groupingBy(IndexEntry::part));
    } catch (CodonfuseException e) {
      indexFindings.add(e.getMessage());
      return Map.of();
    }
  }

  private void nameMissing(Set<Integer> there) {
    long count = manifest.count(StoreManifest.PARTS);
    long missing = count - there.stream().filter(number -> number < count).count();
    int named = 0;
    for (int number = 0; missing > 0; number++) {
      if (there.contains(number)) {
        continue;
      }
      if (named++ == MOST_MISSING) {
        findings.add(PartFile.damaged(directory, missing + " more parts are missing").getMessage());
        return;
      }
      findings.add(PartFile.damaged(StoreFiles.part(directory, number), "is missing").getMessage());
      missing--;
    }
  }

  private void verifyPart(int number, List<IndexEntry> entries) {
    Path path = StoreFiles.part(directory, number);
    if (number >= manifest.count(StoreManifest.PARTS)) {
      findings.add(
          "%s: is none of the %d parts of this store; remove it."
              .formatted(path, manifest.count(StoreManifest.PARTS)));
      return;
    }
    StoredType type = manifest.precision().storedType();
    try (PartFile part = PartFile.open(path, type, manifest.width())) {
      List<StoredSequence> described = part.sequences(number);
      verifyEntries(entries, described);
      readable++;
      rows += part.rows();
      part.requireChecksum();
      for (StoredSequence sequence : described) {
        if (!isFinite(type, part.rows(sequence.row(), sequence.rows()))) {
          findings.add(
              ("%s: rows %d to %d have values that are not finite; restore the published"
                      + " weights and embed again.")
                  .formatted(path, sequence.row(), sequence.row() + sequence.rows() - 1));
        }
      }
    } catch (CodonfuseException e) {
      findings.add(e.getMessage());
    }
  }

  private void verifyEntries(List<IndexEntry> entries, List<StoredSequence> described) {
    Map<Long, StoredSequence> byRow = HashMap.newHashMap(described.size());
    // Those without rows lie where the next ones begin.
    described.stream().filter(s -> s.rows() > 0).forEach(s -> byRow.put(s.row(), s));
    for (IndexEntry entry : entries) {
      if (entry.rows() > 0 && !entry.isAt(byRow.get(entry.row()))) {
        indexFindings.add(
            PartFile.damaged(
                    directory.resolve(StoreFiles.INDEX),
                    "'%s' is not in the %d rows from %d of part %d"
                        .formatted(entry.id(), entry.rows(), entry.row(), entry.part()))
                .getMessage());
      }
    }
  }

  private static boolean isFinite(StoredType type, MemorySegment values) {
    long count = values.byteSize() / type.bytes();
    boolean finite = true;
    switch (type) {
      case F32 -> {
        for (long i = 0; i < count; i++) {
          finite &= (values.get(LittleEndian.INT32, 4 * i) & 0x7f800000) != 0x7f800000;
        }
      }
      case F16 -> {
        for (long i = 0; i < count; i++) {
          finite &= (values.get(LittleEndian.INT16, 2 * i) & 0x7c00) != 0x7c00;
        }
      }
      case BF16 -> {
        for (long i = 0; i < count; i++) {
          finite &= (values.get(LittleEndian.INT16, 2 * i) & 0x7f80) != 0x7f80;
        }
      }
      default -> throw new IllegalArgumentException("Rows of " + type);
    }
    return finite;
  }

  private void compare(Path place, String what, long there) {
    long counted = manifest.count(what);
    if (there != counted) {
      indexFindings.add(
          PartFile.damaged(
                  place, "has %d %s where the manifest counts %d".formatted(there, what, counted))
              .getMessage());
    }
  }
}

package org.codonfuse.embedding.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.weights.SafetensorsStream;
import org.codonfuse.weights.StoredType;

/**
 * Writes a part as its rows come: they go to the disk at once, and nothing is seen of them until
 * {@link #commit}. Close it, committed or not. Not for several threads at once.
 */
public final class PartWriter implements AutoCloseable {
  private final StoreWriter store;
  private final List<StoredSequence> sequences;
  private final int number;
  private final Path temporary;
  private final SafetensorsStream stream;
  private boolean committed;

  private PartWriter(
      StoreWriter store,
      int number,
      List<StoredSequence> sequences,
      Path temporary,
      SafetensorsStream stream) {
    this.store = store;
    this.number = number;
    this.sequences = sequences;
    this.temporary = temporary;
    this.stream = stream;
  }

  static PartWriter open(
      StoreWriter store, int number, List<StoredSequence> sequences, StoredType type, int width) {
    Path temporary = StoreFiles.temporary(StoreFiles.part(store.directory(), number));
    long rows = sequences.stream().mapToLong(StoredSequence::rows).sum();
    try {
      Files.deleteIfExists(temporary);
      SafetensorsStream stream =
          SafetensorsStream.create(
              temporary,
              PartFile.TENSOR,
              type,
              Shape.of(rows, width),
              PartFile.metadata(sequences));
      return new PartWriter(store, number, sequences, temporary, stream);
    } catch (IOException e) {
      CodonfuseException failure = store.unwritable(e);
      remove(temporary, failure);
      throw failure;
    }
  }

  /**
   * Appends values of the next rows.
   *
   * @param values little-endian in the store's type, of rows or pieces of rows; a {@link
   *     MemorySegment} so that arrays and native tensors are written alike
   * @throws CodonfuseException if they cannot be written
   * @throws IllegalArgumentException if they are more than the part still lacks
   */
  public void append(MemorySegment values) {
    try {
      stream.append(values);
    } catch (IOException e) {
      throw store.unwritable(e);
    }
  }

  /**
   * Makes the part one of the store's, on the disk.
   *
   * @throws CodonfuseException if it cannot be written
   * @throws IllegalStateException if rows are missing
   */
  public void commit() {
    try {
      stream.finish();
      stream.close();
      Files.move(
          temporary,
          StoreFiles.part(store.directory(), number),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      committed = true;
    } catch (IOException e) {
      throw store.unwritable(e);
    }
    store.done(number, sequences);
  }

  /** Removes the part unless it is committed; does nothing the second time. */
  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      if (committed) {
        throw store.unwritable(e);
      }
    } finally {
      if (!committed) {
        remove(temporary, null);
      }
    }
  }

  private static void remove(Path temporary, CodonfuseException failure) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // The next writer removes it; what went wrong before is what matters.
      if (failure != null) {
        failure.addSuppressed(e);
      }
    }
  }
}

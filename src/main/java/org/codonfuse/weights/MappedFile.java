package org.codonfuse.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/** Maps whole files for their readers. */
final class MappedFile {
  private static final byte[] LFS_POINTER =
      "version https://git-lfs".getBytes(StandardCharsets.US_ASCII);

  private MappedFile() {}

  /** Makes a source of a mapped file, whose arena the source closes. */
  @FunctionalInterface
  interface Reader<T> {
    T read(Path path, Arena arena, MemorySegment file);
  }

  /**
   * Maps a file read-only; it is unmapped again if the reader fails.
   *
   * @param kind what the file should be, for messages
   */
  @SuppressWarnings("MustBeClosedChecker") // The source that is returned closes the arena.
  static <T> T open(Path path, String kind, Reader<T> reader) {
    if (Files.isDirectory(path)) {
      throw new CodonfuseException(
          "%s: a directory, not %s; name the file in it.".formatted(path, kind));
    }
    Arena arena = Arena.ofShared();
    boolean opened = false;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      if (startsWith(file, LFS_POINTER)) {
        throw new CodonfuseException(
            path + ": a Git LFS pointer instead of the weights; get them with `git lfs pull`.");
      }
      T result = reader.read(path, arena, file);
      opened = true;
      return result;
    } catch (IOException e) {
      throw AtomicFiles.unreadable(path, e);
    } finally {
      if (!opened) {
        arena.close();
      }
    }
  }

  static boolean startsWith(MemorySegment file, byte[] prefix) {
    return file.byteSize() >= prefix.length
        && file.asSlice(0, prefix.length).mismatch(MemorySegment.ofArray(prefix)) < 0;
  }
}

package org.codonfuse.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.codonfuse.CodonfuseException;

/**
 * A memory-mapped <a href="https://huggingface.co/docs/safetensors">safetensors</a> file. Opening
 * checks the whole header, so that every segment handed out lies within the file; the data are read
 * from disk when touched.
 *
 * <p>The opener owns the mapping and closes it. All methods may be called from any thread. After
 * {@link #close} names, infos and metadata remain readable; {@link #segment}, {@link #floats} and
 * {@link #longs}, and every segment handed out before, throw {@link IllegalStateException}. Nobody
 * may shorten the file while it is open: reading pages that are gone fails with an {@link
 * InternalError}.
 */
public final class SafetensorsFile implements TensorSource {

  private final Path path;
  private final Arena arena;
  private final MemorySegment data;
  private final SafetensorsHeader header;
  private final AtomicBoolean closed = new AtomicBoolean();

  private SafetensorsFile(Path path, Arena arena, MemorySegment data, SafetensorsHeader header) {
    this.path = path;
    this.arena = arena;
    this.data = data;
    this.header = header;
  }

  /**
   * Maps a file and checks its header.
   *
   * @throws CodonfuseException if it cannot be read or breaks any rule of the format
   */
  public static SafetensorsFile open(Path path) {
    return MappedFile.open(path, "a safetensors file", SafetensorsFile::of);
  }

  private static SafetensorsFile of(Path path, Arena arena, MemorySegment file) {
    long headerEnd = Long.BYTES + headerLength(path, file);
    MemorySegment data = file.asSlice(headerEnd);
    byte[] json = file.asSlice(Long.BYTES, headerEnd - Long.BYTES).toArray(ValueLayout.JAVA_BYTE);
    SafetensorsHeader header = SafetensorsHeader.parse(path, json, data.byteSize());
    return new SafetensorsFile(path, arena, data, header);
  }

  private static long headerLength(Path path, MemorySegment file) {
    if (file.byteSize() < Long.BYTES) {
      throw SafetensorsHeader.damaged(
          path, file.byteSize() + " bytes are too few for a safetensors file");
    }
    long length = file.get(LittleEndian.INT64, 0);
    if (length < 0 || length > SafetensorsHeader.LONGEST) {
      throw SafetensorsHeader.damaged(
          path,
          "the header length %s exceeds %d bytes, so this is no safetensors file"
              .formatted(Long.toUnsignedString(length), SafetensorsHeader.LONGEST));
    }
    if (length > file.byteSize() - Long.BYTES) {
      throw SafetensorsHeader.damaged(
          path,
          "truncated within its header, which should have %d bytes and has %d"
              .formatted(length, file.byteSize() - Long.BYTES));
    }
    return length;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Set<String> names() {
    return header.tensors().keySet();
  }

  @Override
  public Map<String, String> metadata() {
    return header.metadata();
  }

  @Override
  public TensorInfo info(String name) {
    return entry(name).info();
  }

  private SafetensorsHeader.Entry entry(String name) {
    SafetensorsHeader.Entry entry = header.tensors().get(name);
    if (entry == null) {
      throw Names.missing(this, name);
    }
    return entry;
  }

  @Override
  public MemorySegment segment(String name) {
    if (closed.get()) {
      throw new IllegalStateException(path + " is closed");
    }
    SafetensorsHeader.Entry entry = entry(name);
    return data.asSlice(entry.begin(), entry.info().bytes());
  }

  /**
   * Unmaps the file; does nothing the second time.
   *
   * @throws IllegalStateException while native code that was handed a segment is still running
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      arena.close();
    }
  }
}

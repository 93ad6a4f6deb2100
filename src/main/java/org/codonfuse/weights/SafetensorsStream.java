package org.codonfuse.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.codonfuse.compute.Shape;

/**
 * A safetensors file of one tensor whose values come piece by piece, so that it may be larger than
 * memory. Its data begin at a multiple of 64 bytes, and its metadata hold their SHA-256 as {@code
 * checksum}. The same values give the same bytes, however they are cut. Not for several threads at
 * once.
 */
public final class SafetensorsStream implements AutoCloseable {
  /** The metadata entry with the SHA-256 of the data: 64 lower-case hexadecimal digits. */
  public static final String CHECKSUM = "checksum";

  private static final int ALIGNMENT = 64;
  private static final int CHUNK = 1 << 20;
  private static final String UNKNOWN = "0".repeat(64);

  private final FileChannel channel;
  private final MessageDigest digest = Sha256.newDigest();
  private final byte[] chunk;
  private final int checksumAt;
  private long missing;

  private SafetensorsStream(FileChannel channel, byte[] preamble, long dataBytes) {
    this.channel = channel;
    this.chunk = new byte[(int) Math.min(CHUNK, dataBytes)];
    this.missing = dataBytes;
    String text = new String(preamble, StandardCharsets.ISO_8859_1);
    this.checksumAt = text.indexOf('"' + CHECKSUM + "\":\"" + UNKNOWN) + CHECKSUM.length() + 4;
  }

  /**
   * Begins a file that must not exist.
   *
   * @param metadata notes beside the checksum; {@code format} is {@code pt} unless given
   * @throws IOException if it cannot be written; it may be there then
   */
  public static SafetensorsStream create(
      Path file, String name, StoredType type, Shape shape, Map<String, String> metadata)
      throws IOException {
    SafetensorsWriter.requirePossible(name);
    long dataBytes = Math.multiplyExact(shape.size(), (long) type.bytes());
    Map<String, String> notes = new TreeMap<>(metadata);
    notes.put(CHECKSUM, UNKNOWN);
    TensorInfo info = new TensorInfo(name, type, shape);
    byte[] preamble = SafetensorsWriter.preamble(List.of(info), notes, ALIGNMENT);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      write(channel, ByteBuffer.wrap(preamble));
    } catch (IOException e) {
      try (channel) {
        throw e;
      }
    }
    return new SafetensorsStream(channel, preamble, dataBytes);
  }

  /**
   * Appends values.
   *
   * @param values little-endian in the stored type; a {@link MemorySegment} so that arrays and
   *     native tensors are written alike
   * @throws IllegalArgumentException if they are more than the tensor still lacks
   * @throws IOException if they cannot be written
   */
  public void append(MemorySegment values) throws IOException {
    if (values.byteSize() > missing) {
      throw new IllegalArgumentException(
          values.byteSize() + " bytes where the tensor lacks " + missing);
    }
    for (long at = 0; at < values.byteSize(); at += chunk.length) {
      int size = (int) Math.min(chunk.length, values.byteSize() - at);
      MemorySegment.copy(values, ValueLayout.JAVA_BYTE, at, chunk, 0, size);
      digest.update(chunk, 0, size);
      write(
          channel,
          values.isNative()
              ? values.asSlice(at, size).asByteBuffer()
              : ByteBuffer.wrap(chunk, 0, size));
    }
    missing -= values.byteSize();
  }

  /**
   * Notes the checksum and forces everything to the disk.
   *
   * @throws IllegalStateException if values are missing
   * @throws IOException if it cannot be written
   */
  public void finish() throws IOException {
    if (missing > 0) {
      throw new IllegalStateException(missing + " bytes of the tensor are missing");
    }
    String checksum = Sha256.hex(digest);
    channel.position(checksumAt);
    write(channel, ByteBuffer.wrap(checksum.getBytes(StandardCharsets.US_ASCII)));
    channel.force(true);
  }

  /** Closes the file, finished or not. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}

package org.codonfuse.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Safetensors files built byte by byte, broken ones included. */
final class SafetensorsBytes {
  private SafetensorsBytes() {}

  static byte[] file(String header, int dataBytes) {
    return file(header.getBytes(StandardCharsets.UTF_8), new byte[dataBytes]);
  }

  static byte[] file(byte[] header, byte[] data) {
    return file(header.length, header, data);
  }

  static byte[] file(long headerLength, byte[] header, byte[] data) {
    return ByteBuffer.allocate(Long.BYTES + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerLength)
        .put(header)
        .put(data)
        .array();
  }

  static Path write(Path path, byte[] content) {
    try {
      return Files.write(path, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

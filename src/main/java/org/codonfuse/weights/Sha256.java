package org.codonfuse.weights;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/** SHA-256 digests, by which files and sequences are identified. */
public final class Sha256 {
  private static final int CHUNK = 1 << 20;

  private Sha256() {}

  /**
   * The digest of a file's bytes, which are streamed.
   *
   * @return 64 lower-case hexadecimal digits
   * @throws CodonfuseException if it cannot be read
   */
  public static String of(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      MessageDigest digest = newDigest();
      byte[] chunk = new byte[CHUNK];
      for (int size = in.read(chunk); size >= 0; size = in.read(chunk)) {
        digest.update(chunk, 0, size);
      }
      return hex(digest);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(path, e);
    }
  }

  /** The digest of a text in UTF-8. */
  public static String of(String text) {
    return HexFormat.of().formatHex(newDigest().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * The digest of bytes in place; a {@link MemorySegment}, because they may be a mapped file's.
   *
   * @return 64 lower-case hexadecimal digits
   */
  public static String of(MemorySegment bytes) {
    MessageDigest digest = newDigest();
    byte[] chunk = new byte[(int) Math.min(CHUNK, bytes.byteSize())];
    for (long at = 0; at < bytes.byteSize(); at += chunk.length) {
      int size = (int) Math.min(chunk.length, bytes.byteSize() - at);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, chunk, 0, size);
      digest.update(chunk, 0, size);
    }
    return hex(digest);
  }

  /** Ends a digest: its hexadecimal digits, lower-case. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** A digest to be fed piece by piece. */
  public static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256", e);
    }
  }
}

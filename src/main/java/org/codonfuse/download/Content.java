package org.codonfuse.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/**
 * Checks a file's bytes, as they come, against what its hash says: 64 digits are their SHA-256, 40
 * git's SHA-1 of a blob. Any other text says nothing.
 */
public final class Content {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern GIT = Pattern.compile("[0-9a-f]{40}");

  private static final int CHUNK = 1 << 18;

  private final RemoteFile file;
  private final Optional<MessageDigest> digest;

  Content(RemoteFile file) {
    this.file = file;
    this.digest =
        SHA256.matcher(file.hash()).matches()
            ? Optional.of(digest("SHA-256"))
            : GIT.matcher(file.hash()).matches() ? Optional.of(digest("SHA-1")) : Optional.empty();
    restart();
  }

  /** Whether the hash says what the bytes must be. */
  boolean isChecked() {
    return digest.isPresent();
  }

  /** Forgets what came. */
  void restart() {
    digest.ifPresent(
        d -> {
          d.reset();
          if (d.getDigestLength() < 32) {
            d.update(blobHeader(file.size()));
          }
        });
  }

  void update(byte[] bytes, int size) {
    digest.ifPresent(d -> d.update(bytes, 0, size));
  }

  /** What the bytes are instead, if they are not what the hash says. */
  Optional<String> mismatch() {
    return digest
        .map(d -> HexFormat.of().formatHex(d.digest()))
        .filter(actual -> !actual.equals(file.hash()));
  }

  /**
   * What a file's hash is, if it is not the one that it should be.
   *
   * @param blob git's SHA-1 of the file as a blob
   * @throws CodonfuseException if it cannot be read
   */
  public static Optional<String> mismatch(Path path, String blob) {
    try (InputStream in = Files.newInputStream(path)) {
      MessageDigest digest = digest("SHA-1");
      digest.update(blobHeader(Files.size(path)));
      byte[] chunk = new byte[CHUNK];
      for (int size = in.read(chunk); size >= 0; size = in.read(chunk)) {
        digest.update(chunk, 0, size);
      }
      return Optional.of(HexFormat.of().formatHex(digest.digest()))
          .filter(actual -> !actual.equals(blob));
    } catch (IOException e) {
      throw AtomicFiles.unreadable(path, e);
    }
  }

  private static byte[] blobHeader(long size) {
    return ("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII);
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has " + algorithm, e);
    }
  }
}

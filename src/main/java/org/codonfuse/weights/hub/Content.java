package org.codonfuse.weights.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.codonfuse.weights.Sha256;

/**
 * Checks a file's bytes, as they come, against what its ETag says: 64 digits are their SHA-256, 40
 * git's SHA-1 of a blob. Any other tag says nothing.
 */
final class Content {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern GIT = Pattern.compile("[0-9a-f]{40}");

  private final RemoteFile file;
  private final Optional<MessageDigest> digest;

  Content(RemoteFile file) {
    this.file = file;
    this.digest =
        SHA256.matcher(file.etag()).matches()
            ? Optional.of(Sha256.newDigest())
            : GIT.matcher(file.etag()).matches() ? Optional.of(sha1()) : Optional.empty();
    restart();
  }

  /** Whether the tag says what the bytes must be. */
  boolean isChecked() {
    return digest.isPresent();
  }

  /** Forgets what came. */
  void restart() {
    digest.ifPresent(
        d -> {
          d.reset();
          if (d.getDigestLength() < 32) {
            d.update(("blob " + file.size() + "\0").getBytes(StandardCharsets.US_ASCII));
          }
        });
  }

  void update(byte[] bytes, int size) {
    digest.ifPresent(d -> d.update(bytes, 0, size));
  }

  /** What the bytes are instead, if they are not what the tag says. */
  Optional<String> mismatch() {
    return digest.map(Sha256::hex).filter(actual -> !actual.equals(file.etag()));
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-1", e);
    }
  }
}

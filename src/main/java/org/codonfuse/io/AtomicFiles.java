package org.codonfuse.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;

/**
 * Files that appear whole or not at all: written under a temporary name beside the target, forced
 * to the disk and renamed.
 */
public final class AtomicFiles {
  private AtomicFiles() {}

  /** Writes the content of one file. */
  @FunctionalInterface
  public interface Writer {
    /** Writes everything to {@code out}, which the caller closes. */
    void write(OutputStream out) throws IOException;
  }

  /**
   * Writes {@code target}, replacing it if it exists.
   *
   * @throws CodonfuseException if it cannot be written; nothing is left behind then
   */
  public static void write(Path target, Writer writer) {
    Path temporary = null;
    try {
      Path absolute = replaceable(target);
      Files.createDirectories(absolute.getParent());
      Path unused = absolute.resolveSibling("." + absolute.getFileName() + suffix());
      try (FileChannel channel =
              FileChannel.open(unused, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
        temporary = unused;
        writer.write(out);
        out.flush();
        channel.force(true);
      }
      Files.move(
          temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      temporary = null;
    } catch (IOException e) {
      throw unwritable(target, e);
    } finally {
      if (temporary != null) {
        try {
          Files.deleteIfExists(temporary);
        } catch (IOException ignored) {
          // The write failed already and that failure is the one to report.
        }
      }
    }
  }

  /**
   * Where a file would be written: the target, or what it links to.
   *
   * @throws CodonfuseException if something other than a writable regular file is in the way, such
   *     as a device, which a rename would replace
   */
  public static Path replaceable(Path target) throws IOException {
    Path absolute = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
    if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)
        && !(Files.isRegularFile(absolute) && Files.isWritable(absolute))) {
      throw new CodonfuseException(
          target + ": is not a file that can be replaced; choose another name.");
    }
    return absolute;
  }

  /**
   * What is in the way of making a file or directory: what is there of the path to it, if that is
   * no directory that can be written to.
   */
  public static Optional<Path> obstacle(Path target) {
    Path above = target.toAbsolutePath().getParent();
    while (above != null && Files.notExists(above)) {
      above = above.getParent();
    }
    return Optional.ofNullable(above)
        .filter(there -> !(Files.isDirectory(there) && Files.isWritable(there)));
  }

  /** Not the name of {@link Files#createTempFile}, whose files ignore the umask. */
  private static String suffix() {
    return "." + UUID.randomUUID().toString().substring(24) + ".part";
  }

  /** Writes UTF-8 text, see {@link #write}. */
  public static void writeString(Path target, CharSequence text) {
    write(target, out -> out.write(text.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Removes a directory and everything in it.
   *
   * @throws IOException if something of it cannot be removed, or it is not there
   */
  public static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      for (Path entry : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** For a file or directory that cannot be read, where there is nothing special to advise. */
  public static CodonfuseException unreadable(Path path, IOException e) {
    return new CodonfuseException(
        path + ": cannot be read (" + reason(e) + "); check the path.", e);
  }

  /** For a file or directory that cannot be written. */
  public static CodonfuseException unwritable(Path path, IOException e) {
    return new CodonfuseException(
        path
            + ": cannot be written ("
            + reason(e)
            + "); choose a place that is writable and has room.",
        e);
  }

  /** The cause of an I/O failure in words: exceptions whose message is only the path get one. */
  public static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file or directory";
      case AccessDeniedException _ -> "permission denied";
      case CharacterCodingException _ -> "not text in UTF-8";
      case FileAlreadyExistsException _ -> "a file is in the way";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}

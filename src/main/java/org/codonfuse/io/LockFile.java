package org.codonfuse.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A right that one holder has at a time, be it in this process or another; it ends with the
 * process, however that ends. The file is left behind: removing it would let two holders lock two
 * files. May be closed by any thread, and more than once.
 */
public final class LockFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LockFile.class);

  /**
   * Those of this process, which are not even opened a second time: POSIX drops a process's lock of
   * a file when it closes any of the file's descriptors.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private LockFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock if nobody has it.
   *
   * @param file made if it does not exist, in a directory that does
   * @throws IOException if it cannot be written
   */
  @SuppressWarnings("MustBeClosedChecker") // The lock that is returned closes the channel.
  public static Optional<LockFile> tryTake(Path file) throws IOException {
    Path real = file.toAbsolutePath().getParent().toRealPath().resolve(file.getFileName());
    if (!HELD.add(real)) {
      return Optional.empty();
    }
    FileChannel channel;
    try {
      channel = FileChannel.open(real, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      HELD.remove(real);
      throw e;
    }
    boolean taken = false;
    try {
      taken = channel.tryLock() != null;
      return taken ? Optional.of(new LockFile(real, channel)) : Optional.empty();
    } finally {
      if (!taken) {
        close(real, channel);
      }
    }
  }

  /** Lets others take it; does nothing the second time. */
  @Override
  public void close() {
    if (channel.isOpen()) {
      close(file, channel);
    }
  }

  private static void close(Path file, FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("{} is free when the process ends", file, e);
    } finally {
      HELD.remove(file);
    }
  }
}

package org.codonfuse.embedding.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.codonfuse.CodonfuseException;

/** The right to write a store, which ends with the process that has it, however it ends. */
final class StoreLock implements AutoCloseable {
  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws CodonfuseException if somebody has it
   */
  static StoreLock take(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve(StoreFiles.LOCK),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      FileLock lock = channel.tryLock();
      taken = lock != null;
    } catch (OverlappingFileLockException e) {
      // By this process: as much taken as by another one.
    } finally {
      if (!taken) {
        channel.close();
      }
    }
    if (!taken) {
      throw new CodonfuseException(
          directory
              + ": somebody else is writing this store; wait until it is complete, or choose"
              + " another --output.");
    }
    return new StoreLock(channel);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

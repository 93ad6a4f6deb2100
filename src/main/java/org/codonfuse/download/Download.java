package org.codonfuse.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one file to the disk. A connection that breaks off is taken up where it was; the file
 * appears under its name when it is whole and right, and goes when it is not or the process is
 * asked to stop.
 */
public final class Download implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Download.class);
  private static final int CHUNK = 1 << 18;

  /** Bytes after which a connection that breaks off again is a new one. */
  private static final int PROGRESS = 1 << 20;

  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int UNSATISFIABLE = 416;

  /** The first byte and the size in {@code Content-Range}. */
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18}|\\*)");

  private final Transport transport;
  private final RemoteFile file;
  private final Failures failures;
  private final Attempts attempts;
  private final Content content;
  private final LongConsumer progress;
  private final Path temporary;
  private final FileChannel channel;
  private final Thread cleanup;
  private long written;
  private long reported;
  private Optional<String> validator = Optional.empty();

  private Download(Transport transport, RemoteFile file, Path temporary, LongConsumer progress)
      throws IOException {
    this.transport = transport;
    this.file = file;
    this.failures = file.failures();
    this.attempts = transport.attempts();
    this.content = new Content(file);
    this.progress = progress;
    this.temporary = temporary;
    this.channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    this.cleanup = new Thread(this::remove, "codonfuse-download-cleanup");
    Runtime.getRuntime().addShutdownHook(cleanup);
  }

  /**
   * Downloads to {@code target}, a name that is free or holds the same content.
   *
   * @param progress takes numbers of bytes that arrived
   * @throws CodonfuseException of one sentence if it does not arrive whole and right
   */
  public static void to(Path target, Transport transport, RemoteFile file, LongConsumer progress) {
    String unique = file.hash() + "." + UUID.randomUUID().toString().substring(0, 8);
    try {
      Files.createDirectories(target.getParent());
      long room = Files.getFileStore(target.getParent()).getUsableSpace();
      // Some file systems do not know and say 0.
      if (room > 0 && room < file.size()) {
        throw new IOException(file.size() + " bytes are needed and " + room + " are free");
      }
      try (Download download =
          new Download(transport, file, target.resolveSibling(unique + ".incomplete"), progress)) {
        download.run();
        Files.move(
            download.temporary,
            target,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw file.failures().unwritable(target, e);
    }
  }

  private void run() throws IOException {
    do {
      attempt();
    } while (written < file.size());
    content
        .mismatch()
        .ifPresent(
            actual -> {
              throw failures.failure(
                  "what arrived has the hash "
                      + actual
                      + " where it should have "
                      + file.hash()
                      + "; it was removed, so try again.");
            });
    if (!content.isChecked()) {
      LOG.warn("{}: the server gives no hash, so only the size is checked.", file);
    }
    channel.force(true);
  }

  /** One request, and as much of its answer as arrives. */
  private void attempt() {
    try {
      HttpResponse<InputStream> response = file.get(written, validator);
      long before = written;
      try (InputStream body = transport.body(response)) {
        if (!begin(response)) {
          return;
        }
        read(body);
      } finally {
        if (written - before >= PROGRESS) {
          attempts.progressed();
        }
      }
      if (written < file.size()) {
        again("the answer ended at byte " + written + " of " + file.size());
      }
    } catch (IOException e) {
      if (written < file.size()) {
        attempts.again(failures.unreachable(e), Optional.empty());
      }
    }
  }

  /** Whether the body continues what is there; waits for another attempt if not. */
  private boolean begin(HttpResponse<?> response) {
    int status = response.statusCode();
    HttpHeaders headers = response.headers();
    if (Failures.isTemporary(status)) {
      attempts.again(
          failures.refusal(status, headers), Failures.retryAfter(headers, Instant.now()));
      return false;
    }
    if (status == PARTIAL && continues(headers)) {
      return true;
    }
    if (status != OK && status != PARTIAL && status != UNSATISFIABLE) {
      throw failures.refusal(status, headers);
    }
    restart();
    if (status != OK) {
      again("the server does not continue where the connection broke off");
      return false;
    }
    validator = headers.firstValue("ETag").filter(tag -> tag.startsWith("\""));
    return true;
  }

  private boolean continues(HttpHeaders headers) {
    Matcher range = RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
    return range.matches()
        && Long.parseLong(range.group(1)) == written
        && (range.group(2).equals("*") || Long.parseLong(range.group(2)) == file.size());
  }

  private void again(String what) {
    attempts.again(failures.failure(what + "; try again later."), Optional.empty());
  }

  private void restart() {
    try {
      channel.truncate(0);
    } catch (IOException e) {
      throw failures.unwritable(temporary, e);
    }
    written = 0;
    content.restart();
  }

  private void read(InputStream body) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (int size = body.read(chunk); size >= 0; size = body.read(chunk)) {
      if (size > file.size() - written) {
        throw failures.failure(
            "more than the announced " + file.size() + " bytes arrive; try again later.");
      }
      content.update(chunk, size);
      write(ByteBuffer.wrap(chunk, 0, size));
      written += size;
      if (written > reported) {
        progress.accept(written - reported);
        reported = written;
      }
    }
  }

  private void write(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw failures.unwritable(temporary, e);
    }
  }

  private void remove() {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      LOG.warn("{}: cannot be removed ({}).", temporary, AtomicFiles.reason(e));
    }
  }

  /** Removes what is not finished: what is has another name by then. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      remove();
      try {
        Runtime.getRuntime().removeShutdownHook(cleanup);
      } catch (IllegalStateException _) {
        // The process is stopping already, and the hook with it.
      }
    }
  }
}

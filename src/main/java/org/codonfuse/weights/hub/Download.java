package org.codonfuse.weights.hub;

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
import org.codonfuse.io.AtomicFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one file into the cache. A connection that breaks off is taken up where it was; the file
 * appears under its name when it is whole and right, and goes when it is not or the process is
 * asked to stop.
 */
final class Download implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Download.class);
  private static final int CHUNK = 1 << 18;

  /** Bytes after which a connection that breaks off again is a new one. */
  private static final int PROGRESS = 1 << 20;

  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int UNSATISFIABLE = 416;

  /** The first byte and the size in {@code Content-Range}. */
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18}|\\*)");

  private final HubClient client;
  private final HubModel model;
  private final RemoteFile file;
  private final Answers answers;
  private final Attempts attempts;
  private final Content content;
  private final LongConsumer progress;
  private final Path temporary;
  private final FileChannel channel;
  private final Thread cleanup;
  private long written;
  private long reported;
  private Optional<String> validator = Optional.empty();

  private Download(
      HubClient client, HubModel model, RemoteFile file, Path temporary, LongConsumer progress)
      throws IOException {
    this.client = client;
    this.model = model;
    this.file = file;
    this.answers = client.answers(model, file.name());
    this.attempts = client.attempts();
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
   */
  static void to(
      Path target, HubClient client, HubModel model, RemoteFile file, LongConsumer progress) {
    String unique = file.etag() + "." + UUID.randomUUID().toString().substring(0, 8);
    try {
      Files.createDirectories(target.getParent());
      long room = Files.getFileStore(target.getParent()).getUsableSpace();
      // Some file systems do not know and say 0.
      if (room > 0 && room < file.size()) {
        throw new IOException(file.size() + " bytes are needed and " + room + " are free");
      }
      try (Download download =
          new Download(
              client, model, file, target.resolveSibling(unique + ".incomplete"), progress)) {
        download.run();
        Files.move(
            download.temporary,
            target,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw HubCache.unwritable(target, e);
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
              throw answers.failure(
                  "what arrived has the hash "
                      + actual
                      + " where the hub announced "
                      + file.etag()
                      + "; it was removed, so pull the model again.");
            });
    if (!content.isChecked()) {
      LOG.warn("{}, {}: the hub gives no hash, so only the size is checked.", model, file.name());
    }
    channel.force(true);
  }

  /** One request, and as much of its answer as arrives. */
  private void attempt() {
    try {
      HttpResponse<InputStream> response = client.get(model, file.name(), written, validator);
      long before = written;
      try (InputStream body = client.body(response)) {
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
        attempts.again(answers.unreachable(e), Optional.empty());
      }
    }
  }

  /** Whether the body continues what is there; waits for another attempt if not. */
  private boolean begin(HttpResponse<?> response) {
    int status = response.statusCode();
    HttpHeaders headers = response.headers();
    if (Answers.isTemporary(status)) {
      attempts.again(answers.refusal(status, headers), Answers.retryAfter(headers, Instant.now()));
      return false;
    }
    if (status == PARTIAL && continues(headers)) {
      return true;
    }
    if (status != OK && status != PARTIAL && status != UNSATISFIABLE) {
      throw answers.refusal(status, headers);
    }
    restart();
    if (status != OK) {
      again("the hub does not continue where the connection broke off");
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
    attempts.again(answers.failure(what + "; try again later."), Optional.empty());
  }

  private void restart() {
    try {
      channel.truncate(0);
    } catch (IOException e) {
      throw HubCache.unwritable(temporary, e);
    }
    written = 0;
    content.restart();
  }

  private void read(InputStream body) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (int size = body.read(chunk); size >= 0; size = body.read(chunk)) {
      if (size > file.size() - written) {
        throw answers.failure(
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
      throw HubCache.unwritable(temporary, e);
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

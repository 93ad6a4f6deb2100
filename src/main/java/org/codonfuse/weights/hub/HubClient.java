package org.codonfuse.weights.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;
import org.codonfuse.download.Attempts;
import org.codonfuse.download.Failures;
import org.codonfuse.download.Transport;

/** The requests that files are had with. */
final class HubClient implements AutoCloseable {
  private static final Pattern ETAG = Pattern.compile("[\\w.-]{8,128}");
  private static final Pattern SIZE = Pattern.compile("\\d{1,18}|[1-8]\\d{18}");

  private final HubSettings settings;
  private final Transport transport;

  HubClient(HubSettings settings, Transport.Timing timing) {
    this.settings = settings;
    this.transport = new Transport(timing, settings.token());
  }

  /** The sentences about a file. */
  Answers answers(HubModel model, String file) {
    return new Answers(settings, model, file);
  }

  /** What makes the requests. */
  Transport transport() {
    return transport;
  }

  /**
   * Asks what a file is.
   *
   * @return empty if the repository and revision are there but not the file
   * @throws CodonfuseException for any other answer than what is asked for
   */
  Optional<HubFile> head(HubModel model, String file) {
    Answers answers = answers(model, file);
    Attempts attempts = transport.attempts();
    while (true) {
      try {
        HttpResponse<Void> response = head(location(model, file));
        int status = response.statusCode();
        if (Failures.isTemporary(status)) {
          attempts.again(
              answers.refusal(status, response.headers()),
              Failures.retryAfter(response.headers(), Instant.now()));
          continue;
        }
        return described(answers, response);
      } catch (ConnectException | HttpConnectTimeoutException e) {
        throw answers.unreachable(e);
      } catch (IOException e) {
        attempts.again(answers.unreachable(e), Optional.empty());
      }
    }
  }

  /** Follows redirects within the hub only: one to a store of large files is the answer. */
  private HttpResponse<Void> head(URI location) throws IOException {
    return transport.head(
        location, target -> !target.isAbsolute() && target.getRawAuthority() == null);
  }

  private Optional<HubFile> described(Answers answers, HttpResponse<Void> response) {
    int status = response.statusCode();
    HttpHeaders headers = response.headers();
    String code = headers.firstValue("X-Error-Code").orElse("EntryNotFound");
    if (status == 404 && code.equals("EntryNotFound")) {
      return Optional.empty();
    }
    if (status >= 400) {
      throw answers.refusal(status, headers);
    }
    Optional<String> commit = headers.firstValue("X-Repo-Commit").filter(HubModel::isCommit);
    Optional<String> etag =
        headers
            .firstValue("X-Linked-Etag")
            .or(() -> headers.firstValue("ETag"))
            .map(text -> text.replaceFirst("^W/", "").replace("\"", ""))
            .filter(text -> ETAG.matcher(text).matches() && !text.contains(".."));
    Optional<Long> size =
        headers
            .firstValue("X-Linked-Size")
            .or(() -> headers.firstValue("Content-Length").filter(_ -> status < 300))
            .filter(text -> SIZE.matcher(text).matches())
            .map(Long::valueOf);
    if (commit.isEmpty() || etag.isEmpty() || size.isEmpty()) {
      throw answers.failure(
          "the answer ("
              + status
              + ") has no X-Repo-Commit, ETag or size as the hub's have; check HF_ENDPOINT.");
    }
    return Optional.of(
        new HubFile(this, answers.model(), answers.file(), commit.get(), etag.get(), size.get()));
  }

  /**
   * Begins to read a file, wherever the hub sends for it. The token goes to the hub alone.
   *
   * @param from the first byte wanted
   * @param validator the strong ETag that the bytes before came with
   * @return the answer, whose body the caller closes
   */
  HttpResponse<InputStream> get(HubModel model, String file, long from, Optional<String> validator)
      throws IOException {
    return transport.get(location(model, file), from, validator);
  }

  private URI location(HubModel model, String file) {
    return URI.create(
        "%s/%s/resolve/%s/%s"
            .formatted(
                settings.endpoint(),
                model.repository(),
                Transport.encoded(model.revision()).replace("/", "%2F"),
                Transport.encoded(file)));
  }

  @Override
  public void close() {
    transport.close();
  }
}

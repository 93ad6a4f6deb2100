package org.codonfuse.weights.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;

/** The requests that files are had with. */
final class HubClient implements AutoCloseable {
  /** What makes the waits of a client, which tests shorten. */
  record Timing(Attempts.Pause pause, Duration answer, Duration stall) {
    static final Timing PATIENT =
        new Timing(Attempts.Pause.SLEEP, Duration.ofSeconds(30), Duration.ofSeconds(60));
  }

  private static final int MOST_REDIRECTS = 10;
  private static final Pattern ETAG = Pattern.compile("[\\w.-]{8,128}");
  private static final Pattern SIZE = Pattern.compile("\\d{1,18}|[1-8]\\d{18}");

  private final HubSettings settings;
  private final Timing timing;
  private final HttpClient http;

  HubClient(HubSettings settings, Timing timing) {
    this.settings = settings;
    this.timing = timing;
    // Redirects are followed here, because the client would forward the token to other hosts.
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timing.answer())
            .build();
  }

  /** The sentences about a file. */
  Answers answers(HubModel model, String file) {
    return new Answers(settings, model, file);
  }

  /** A new series of attempts. */
  Attempts attempts() {
    return new Attempts(timing.pause());
  }

  /**
   * Asks what a file is.
   *
   * @return empty if the repository and revision are there but not the file
   * @throws CodonfuseException for any other answer than what is asked for
   */
  Optional<RemoteFile> head(HubModel model, String file) {
    Answers answers = answers(model, file);
    Attempts attempts = attempts();
    while (true) {
      try {
        HttpResponse<Void> response = head(location(model, file));
        int status = response.statusCode();
        if (Answers.isTemporary(status)) {
          attempts.again(
              answers.refusal(status, response.headers()),
              Answers.retryAfter(response.headers(), Instant.now()));
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
    URI at = location;
    for (int i = 0; i < MOST_REDIRECTS; i++) {
      HttpResponse<Void> response =
          send(request(at, true).HEAD().build(), BodyHandlers.discarding());
      Optional<URI> next = redirect(response).filter(target -> !target.isAbsolute());
      if (next.isEmpty() || next.get().getRawAuthority() != null) {
        return response;
      }
      at = at.resolve(next.get());
    }
    throw tooManyRedirects(location);
  }

  private static Optional<RemoteFile> described(Answers answers, HttpResponse<Void> response) {
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
    return Optional.of(new RemoteFile(answers.file(), commit.get(), etag.get(), size.get()));
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
    URI location = location(model, file);
    URI at = location;
    boolean trusted = true;
    for (int i = 0; i < MOST_REDIRECTS; i++) {
      HttpRequest.Builder request = request(at, trusted);
      if (from > 0) {
        request.header("Range", "bytes=" + from + "-");
        validator.ifPresent(etag -> request.header("If-Range", etag));
      }
      HttpResponse<InputStream> response =
          send(request.GET().build(), BodyHandlers.ofInputStream());
      Optional<URI> next = redirect(response);
      if (next.isEmpty()) {
        return response;
      }
      response.body().close();
      URI target = at.resolve(next.get());
      boolean weaker =
          !target.getScheme().equals("https") && !target.getScheme().equals(at.getScheme());
      if (weaker || target.getHost() == null) {
        throw new IOException("redirected to " + target);
      }
      trusted &= sameOrigin(at, target);
      at = target;
    }
    throw tooManyRedirects(location);
  }

  /** The body of an answer, which fails when nothing more arrives. */
  InputStream body(HttpResponse<InputStream> response) {
    return new StallGuard(response.body(), timing.stall());
  }

  private HttpRequest.Builder request(URI location, boolean trusted) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(location)
            .timeout(timing.answer())
            .header("Accept-Encoding", "identity")
            .header("User-Agent", "codonfuse; java/" + Runtime.version().feature());
    if (trusted) {
      settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    }
    return request;
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      return http.send(request, handler);
    } catch (IllegalArgumentException e) {
      // The JDK's client throws it for lengths that are no numbers and ports that none has.
      throw new IOException("an answer that makes no sense: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private static Optional<URI> redirect(HttpResponse<?> response) throws IOException {
    if (response.statusCode() / 100 != 3) {
      return Optional.empty();
    }
    try {
      return response.headers().firstValue("Location").map(URI::create);
    } catch (IllegalArgumentException e) {
      throw new IOException("redirected to no address", e);
    }
  }

  private static boolean sameOrigin(URI one, URI other) {
    return one.getScheme().equals(other.getScheme())
        && one.getRawAuthority().equals(other.getRawAuthority());
  }

  private static IOException tooManyRedirects(URI location) {
    return new IOException("too many redirects from " + location);
  }

  private URI location(HubModel model, String file) {
    return URI.create(
        "%s/%s/resolve/%s/%s"
            .formatted(
                settings.endpoint(), model.repository(), encoded(model.revision()), path(file)));
  }

  private static String path(String file) {
    return Arrays.stream(file.split("/")).map(HubClient::encoded).collect(Collectors.joining("/"));
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}

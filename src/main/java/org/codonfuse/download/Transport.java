package org.codonfuse.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The requests that files are had with.
 *
 * <p>The owner closes it; several threads may use it.
 */
public final class Transport implements AutoCloseable {
  /**
   * What makes the waits of a client, which tests shorten.
   *
   * @param pause waits between attempts
   * @param answer the longest wait for an answer to begin
   * @param stall the longest wait for more of it
   */
  public record Timing(Attempts.Pause pause, Duration answer, Duration stall) {
    /** For servers that are far away. */
    public static final Timing PATIENT =
        new Timing(Attempts.Pause.SLEEP, Duration.ofSeconds(30), Duration.ofSeconds(60));
  }

  private static final int MOST_REDIRECTS = 10;

  private final Timing timing;
  private final Optional<String> token;
  private final HttpClient http;

  /**
   * A client.
   *
   * @param token goes to the servers that are named, never to those that they redirect to
   */
  public Transport(Timing timing, Optional<String> token) {
    this.timing = timing;
    this.token = token;
    // Redirects are followed here, because the client would forward the token to other hosts.
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timing.answer())
            .build();
  }

  /** A new series of attempts. */
  public Attempts attempts() {
    return new Attempts(timing.pause());
  }

  /**
   * Asks for what is known of a file.
   *
   * @param followed which redirects, as they are written, are followed; another is the answer
   */
  public HttpResponse<Void> head(URI location, Predicate<URI> followed) throws IOException {
    URI at = location;
    boolean trusted = true;
    for (int i = 0; i < MOST_REDIRECTS; i++) {
      HttpResponse<Void> response =
          send(request(at, trusted).HEAD().build(), BodyHandlers.discarding());
      Optional<URI> next = redirect(response).filter(followed);
      if (next.isEmpty()) {
        return response;
      }
      URI target = target(at, next.get());
      trusted &= sameOrigin(at, target);
      at = target;
    }
    throw tooManyRedirects(location);
  }

  /**
   * Begins to read a file, wherever the server sends for it.
   *
   * @param from the first byte wanted
   * @param validator the strong ETag that the bytes before came with
   * @return the answer, whose body the caller closes
   */
  public HttpResponse<InputStream> get(URI location, long from, Optional<String> validator)
      throws IOException {
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
      URI target = target(at, next.get());
      trusted &= sameOrigin(at, target);
      at = target;
    }
    throw tooManyRedirects(location);
  }

  /** The body of an answer, which fails when nothing more arrives. */
  InputStream body(HttpResponse<InputStream> response) {
    return new StallGuard(response.body(), timing.stall());
  }

  /** A path with what has a meaning in addresses written in percents, segment by segment. */
  public static String encoded(String path) {
    return Arrays.stream(path.split("/"))
        .map(segment -> URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"))
        .collect(Collectors.joining("/"));
  }

  private HttpRequest.Builder request(URI location, boolean trusted) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(location)
            .timeout(timing.answer())
            .header("Accept-Encoding", "identity")
            .header("User-Agent", "codonfuse; java/" + Runtime.version().feature());
    if (trusted) {
      token.ifPresent(text -> request.header("Authorization", "Bearer " + text));
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

  private static URI target(URI from, URI redirect) throws IOException {
    URI target = from.resolve(redirect);
    boolean weaker =
        !target.getScheme().equals("https") && !target.getScheme().equals(from.getScheme());
    if (weaker || target.getHost() == null) {
      throw new IOException("redirected to " + target);
    }
    return target;
  }

  private static boolean sameOrigin(URI one, URI other) {
    return one.getScheme().equals(other.getScheme())
        && one.getRawAuthority().equals(other.getRawAuthority());
  }

  private static IOException tooManyRedirects(URI location) {
    return new IOException("too many redirects from " + location);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}

package org.codonfuse.weights.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executors;
import org.codonfuse.download.Transport;

/**
 * Two servers that imitate the hub: large files ({@code .safetensors}, {@code .bin}) are redirected
 * to the second, the store. Faults are queued for the next requests of a file.
 */
public final class FakeHub implements AutoCloseable {
  public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  public static final String REPOSITORY = "facebook/tiny";
  static final HubModel MODEL = new HubModel(REPOSITORY, "main");

  /**
   * A request that came.
   *
   * @param server {@code hub} or {@code store}
   */
  record Request(String server, String method, String path, Map<String, String> headers) {
    Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name));
    }
  }

  /** What goes wrong with a request. */
  sealed interface Fault {
    /** An answer of that status. */
    record Status(int status, Map<String, String> headers) implements Fault {}

    /** The connection breaks off after so many bytes of the body. */
    record Drop(int after) implements Fault {}

    /** A whole answer that is only so long. */
    record Short(int length) implements Fault {}

    /** Other bytes than announced. */
    record Corrupt() implements Fault {}

    /** Ranges are ignored. */
    record NoRanges() implements Fault {}

    /** The answer has begun and nothing more comes. */
    record Stall() implements Fault {}
  }

  final Map<String, byte[]> files = new ConcurrentHashMap<>();
  final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
  final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());

  /** What {@code HEAD} says instead of the truth, by header. */
  final Map<String, String> lies = new ConcurrentHashMap<>();

  private final Map<String, Queue<Fault>> faults = new ConcurrentHashMap<>();
  private final HttpServer hub;
  private final HttpServer store;
  volatile String commit = COMMIT;

  /** Starts the servers. */
  public FakeHub() {
    hub = server("hub");
    store = server("store");
    files.put("config.json", "{\"model_type\": \"esm\"}".getBytes(StandardCharsets.UTF_8));
    files.put("vocab.txt", "<cls>\n<pad>\n".getBytes(StandardCharsets.UTF_8));
    byte[] weights = new byte[100_000];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (byte) (i * 31 + i / 256);
    }
    files.put("model.safetensors", weights);
  }

  /** The next {@code GET}s (or, with {@code HEAD }before the name, the next {@code HEAD}s) fail. */
  void fail(String file, Fault... next) {
    faults.computeIfAbsent(file, _ -> new ConcurrentLinkedDeque<>()).addAll(Arrays.asList(next));
  }

  /** Settings with a token for it. */
  public HubSettings settings(Path cache) {
    return HubSettings.of(
        Map.of(
            "HF_ENDPOINT", endpoint(hub), "HF_HUB_CACHE", cache.toString(), "HF_TOKEN", "secret"),
        cache);
  }

  /** A client that notes its pauses instead of making them. */
  Hub client(Path cache) {
    return client(settings(cache), Duration.ofSeconds(20));
  }

  Hub client(HubSettings settings, Duration stall) {
    return new Hub(settings, new Transport.Timing(pauses::add, Duration.ofSeconds(20), stall));
  }

  long count(String method, String file) {
    return requests.stream()
        .filter(r -> r.method().equals(method) && r.path().endsWith("/" + file))
        .count();
  }

  private HttpServer server(String name) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/", exchange -> handle(name, exchange));
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String endpoint(HttpServer server) {
    InetSocketAddress address = server.getAddress();
    return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  private void handle(String server, HttpExchange exchange) throws IOException {
    try (exchange) {
      URI uri = exchange.getRequestURI();
      Map<String, String> headers = new HashMap<>();
      exchange.getRequestHeaders().forEach((key, values) -> headers.put(key, values.getFirst()));
      requests.add(new Request(server, exchange.getRequestMethod(), uri.getPath(), headers));
      String prefix = "/" + REPOSITORY + "/resolve/";
      if (!uri.getPath().startsWith(prefix)) {
        answer(exchange, 404, Map.of("X-Error-Code", "RepoNotFound"));
        return;
      }
      String[] rest = uri.getPath().substring(prefix.length()).split("/", 2);
      boolean known = List.of("main", "v1", "moved", commit).contains(rest[0]);
      if (!known) {
        answer(exchange, 404, Map.of("X-Error-Code", "RevisionNotFound"));
        return;
      }
      if (rest[0].equals("moved")) {
        answer(exchange, 307, Map.of("Location", prefix + "main/" + rest[1]));
        return;
      }
      byte[] content = files.get(rest[1]);
      if (content == null) {
        answer(exchange, 404, Map.of("X-Error-Code", "EntryNotFound"));
      } else if (exchange.getRequestMethod().equals("HEAD")) {
        head(exchange, rest[1], content);
      } else if (server.equals("hub") && isLarge(rest[1])) {
        answer(exchange, 302, Map.of("Location", endpoint(store) + uri));
      } else {
        get(exchange, rest[1], content);
      }
    }
  }

  private void head(HttpExchange exchange, String file, byte[] content) throws IOException {
    if (next("HEAD " + file) instanceof Fault.Status(int status, Map<String, String> headers)) {
      answer(exchange, status, headers);
      return;
    }
    Map<String, String> headers = new HashMap<>();
    headers.put("X-Repo-Commit", commit);
    if (isLarge(file)) {
      headers.put("X-Linked-Etag", "\"" + sha256(content) + "\"");
      headers.put("X-Linked-Size", Integer.toString(content.length));
      headers.put("Location", endpoint(store) + exchange.getRequestURI());
      headers.put("ETag", "\"of-the-redirect\"");
      headers.putAll(lies);
      answer(exchange, 302, headers);
    } else {
      headers.put("ETag", "W/\"" + gitSha1(content) + "\"");
      headers.put("Content-Length", Integer.toString(content.length));
      answer(exchange, 200, headers);
    }
  }

  private void get(HttpExchange exchange, String file, byte[] content) throws IOException {
    Fault fault = next(file);
    if (fault instanceof Fault.Status(int status, Map<String, String> headers)) {
      answer(exchange, status, headers);
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = 0;
    if (range != null && !(fault instanceof Fault.NoRanges)) {
      from = Integer.parseInt(range.replaceAll("\\D", ""));
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    byte[] body = Arrays.copyOfRange(content, from, content.length);
    if (fault instanceof Fault.Corrupt) {
      body[body.length / 2] ^= 1;
    }
    if (fault instanceof Fault.Short(int length)) {
      body = Arrays.copyOf(body, length);
    }
    exchange.getResponseHeaders().set("ETag", "\"store-" + file + "\"");
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, body.length);
    OutputStream out = exchange.getResponseBody();
    switch (fault) {
      case Fault.Drop(int after) -> {
        out.write(body, 0, after);
        out.flush();
        throw new IOException("dropped");
      }
      case Fault.Stall() -> {
        out.write(body, 0, 10);
        out.flush();
        pause(Duration.ofSeconds(5));
      }
      case null, default -> out.write(body);
    }
  }

  private Fault next(String file) {
    return Optional.ofNullable(faults.get(file)).map(Queue::poll).orElse(null);
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(HttpExchange exchange, int status, Map<String, String> headers)
      throws IOException {
    headers.forEach(exchange.getResponseHeaders()::set);
    exchange.sendResponseHeaders(status, -1);
  }

  private static boolean isLarge(String file) {
    return file.endsWith(".safetensors") || file.endsWith(".bin");
  }

  static String sha256(byte[] content) {
    return digest("SHA-256", content);
  }

  static String gitSha1(byte[] content) {
    byte[] header = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] blob = Arrays.copyOf(header, header.length + content.length);
    System.arraycopy(content, 0, blob, header.length, content.length);
    return digest("SHA-1", blob);
  }

  private static String digest(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    hub.stop(0);
    store.stop(0);
  }
}

package org.codonfuse.datasets;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;

/** A server of files that understands ranges, and breaks off or refuses when told to. */
public final class FileServer implements AutoCloseable {
  /** Paths with their content. */
  public final Map<String, byte[]> files = new ConcurrentHashMap<>();

  /** The requests that came: method, path, range. */
  public final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  /** After how many bytes the next answers with a body break off. */
  final Queue<Integer> drops = new ArrayDeque<>();

  /** Statuses of the next answers, whatever is asked for. */
  final Queue<Integer> refusals = new ArrayDeque<>();

  private final HttpServer server;

  /** Starts it. */
  public FileServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  /** Its address. */
  public String endpoint() {
    InetSocketAddress address = server.getAddress();
    return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  /** Puts a file where a data set of the repository is, or its licence. */
  public void put(String path, String content) {
    files.put(
        "/" + PublicDataset.REPOSITORY + "/" + PublicDataset.COMMIT + "/" + path,
        content.getBytes(StandardCharsets.UTF_8));
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> headers = new HashMap<>();
      exchange.getRequestHeaders().forEach((key, values) -> headers.put(key, values.getFirst()));
      String path = exchange.getRequestURI().getPath();
      String range = headers.getOrDefault("Range", "");
      requests.add((exchange.getRequestMethod() + " " + path + " " + range).strip());
      byte[] content = files.get(path);
      if (!refusals.isEmpty() || content == null) {
        exchange.sendResponseHeaders(refusals.isEmpty() ? 404 : refusals.remove(), -1);
      } else if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
        exchange.sendResponseHeaders(200, -1);
      } else {
        send(
            exchange, content, range.isEmpty() ? 0 : Integer.parseInt(range.replaceAll("\\D", "")));
      }
    }
  }

  private void send(HttpExchange exchange, byte[] content, int from) throws IOException {
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    byte[] body = Arrays.copyOfRange(content, from, content.length);
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, body.length);
    OutputStream out = exchange.getResponseBody();
    if (drops.isEmpty()) {
      out.write(body);
    } else {
      out.write(body, 0, drops.remove());
      out.flush();
      throw new IOException("dropped");
    }
  }

  /** The licence as it is published, whose hash is known. */
  public static String licence() throws IOException {
    try (InputStream in = FileServer.class.getResourceAsStream("/datasets/ARTIFACT_LICENSE.md")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** What git calls a file with that content. */
  static String blob(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

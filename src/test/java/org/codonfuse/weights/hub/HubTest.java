package org.codonfuse.weights.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.hub.FakeHub.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubTest extends HubFixture {
  @Test
  void filesLieAsPythonKeepsThem() throws IOException {
    Path directory = get(FakeHub.MODEL);

    Path repository = cache.resolve("models--facebook--tiny");
    assertEquals(repository.resolve("snapshots").resolve(FakeHub.COMMIT), directory);
    assertEquals(FakeHub.COMMIT, Files.readString(repository.resolve("refs/main")));
    byte[] weights = server.files.get(WEIGHTS);
    assertEquals(
        Path.of("../../blobs", FakeHub.sha256(weights)),
        Files.readSymbolicLink(directory.resolve(WEIGHTS)));
    assertEquals(
        Path.of("../../blobs", FakeHub.gitSha1(server.files.get("config.json"))),
        Files.readSymbolicLink(directory.resolve("config.json")));
    for (String file : server.files.keySet()) {
      assertArrayEquals(server.files.get(file), Files.readAllBytes(directory.resolve(file)), file);
    }
    long bytes = server.files.values().stream().mapToLong(content -> content.length).sum();
    assertEquals(List.of(new Hub.Announcement(FakeHub.MODEL, FakeHub.COMMIT, bytes)), announced);
  }

  @ParameterizedTest
  @ValueSource(strings = {"main", "v1", FakeHub.COMMIT})
  void whatIsInTheCacheIsNotAskedForAgain(String revision) {
    HubModel model = FakeHub.MODEL.at(revision).orElseThrow();
    Path first = get(model);
    int requests = server.requests.size();

    assertEquals(first, get(model));
    assertEquals(requests, server.requests.size());
    assertEquals(1, announced.size());
  }

  @Test
  void refreshingFindsANewCommitAndDownloadsOnlyWhatChanged() {
    get(FakeHub.MODEL);
    server.commit = "f".repeat(40);
    server.files.put("vocab.txt", "<pad>\n".getBytes(StandardCharsets.UTF_8));

    Path refreshed = refresh(server.client(cache));

    assertEquals(server.commit, refreshed.getFileName().toString());
    assertEquals(1, server.count("GET", "config.json"));
    assertEquals(2, server.count("GET", "vocab.txt"));
    assertEquals(refreshed, get(FakeHub.MODEL));
  }

  @Test
  void refreshingWithoutNewsDownloadsNothing() {
    Path first = get(FakeHub.MODEL);
    assertEquals(first, refresh(server.client(cache)));
    assertEquals(1, server.count("GET", "config.json"));
    assertEquals(1, announced.size());
  }

  @Test
  void theTokenGoesToTheHubAndNowhereElse() {
    get(FakeHub.MODEL);

    assertTrue(server.requests.stream().anyMatch(request -> request.server().equals("store")));
    for (FakeHub.Request request : server.requests) {
      assertEquals(
          request.server().equals("hub") ? Optional.of("Bearer secret") : Optional.empty(),
          request.header("Authorization"),
          request.toString());
      assertEquals(Optional.of("identity"), request.header("Accept-encoding"));
    }
  }

  @Test
  void redirectsWithinTheHubAreFollowed() {
    HubModel moved = FakeHub.MODEL.at("moved").orElseThrow();
    assertEquals(FakeHub.COMMIT, get(moved).getFileName().toString());
    assertTrue(Files.exists(cache.resolve("models--facebook--tiny/refs/moved")));
  }

  @Test
  void aBrokenConnectionIsTakenUpWhereItWas() throws IOException {
    server.fail(WEIGHTS, new Fault.Drop(30_000), new Fault.Drop(20_000));

    Path directory = get(FakeHub.MODEL);

    assertArrayEquals(server.files.get(WEIGHTS), Files.readAllBytes(directory.resolve(WEIGHTS)));
    List<FakeHub.Request> resumed =
        server.requests.stream().filter(request -> request.header("Range").isPresent()).toList();
    assertEquals(
        List.of(Optional.of("bytes=30000-"), Optional.of("bytes=50000-")),
        resumed.stream()
            .filter(request -> request.server().equals("store"))
            .map(request -> request.header("Range"))
            .toList());
    assertEquals(Optional.of("\"store-model.safetensors\""), resumed.getLast().header("If-range"));
    assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), server.pauses);
  }

  @Test
  void aServerThatIgnoresRangesSendsEverythingAgain() throws IOException {
    server.fail(WEIGHTS, new Fault.Drop(30_000), new Fault.NoRanges());
    Path directory = get(FakeHub.MODEL);
    assertArrayEquals(server.files.get(WEIGHTS), Files.readAllBytes(directory.resolve(WEIGHTS)));
  }

  @Test
  void anUnsatisfiableRangeBeginsAgain() throws IOException {
    server.fail(WEIGHTS, new Fault.Drop(30_000), new Fault.Status(416, Map.of()));
    Path directory = get(FakeHub.MODEL);
    assertArrayEquals(server.files.get(WEIGHTS), Files.readAllBytes(directory.resolve(WEIGHTS)));
  }

  @Test
  void aDownloadThatStallsIsTakenUpAgain() throws IOException {
    server.fail(WEIGHTS, new Fault.Stall());
    Hub hub = server.client(server.settings(cache), Duration.ofMillis(200));
    Path directory = hub.get(FakeHub.MODEL, ModelFiles.ENCODER, Map.of(), _ -> {}, Progress.NONE);
    assertArrayEquals(server.files.get(WEIGHTS), Files.readAllBytes(directory.resolve(WEIGHTS)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD config.json", "config.json", WEIGHTS})
  void aBusyHubIsAskedAgainWhenItSays(String request) {
    server.fail(
        request,
        new Fault.Status(429, Map.of("Retry-After", "7")),
        new Fault.Status(503, Map.of()));
    get(FakeHub.MODEL);
    assertEquals(List.of(Duration.ofSeconds(7), Duration.ofSeconds(2)), server.pauses);
  }

  @Test
  void shardsAreFoundThroughTheirIndex() {
    byte[] weights = server.files.remove(WEIGHTS);
    server.files.put("pytorch_model-00001-of-00002.bin", weights);
    server.files.put("pytorch_model-00002-of-00002.bin", new byte[] {1});
    putIndex(
        "{\"a\": \"pytorch_model-00001-of-00002.bin\", \"b\":"
            + " \"pytorch_model-00002-of-00002.bin\"}");

    Path directory = get(FakeHub.MODEL);

    assertTrue(Files.exists(directory.resolve("pytorch_model-00002-of-00002.bin")));
    int requests = server.requests.size();
    assertEquals(directory, get(FakeHub.MODEL));
    assertEquals(requests, server.requests.size());
  }

  @Test
  void aCacheWithOneFileMissingIsCompleted() throws IOException {
    Path directory = get(FakeHub.MODEL);
    Files.delete(directory.resolve("vocab.txt"));
    long downloads = server.count("GET", WEIGHTS);
    assertEquals(Optional.empty(), server.client(cache).cached(FakeHub.MODEL, ModelFiles.ENCODER));
    assertEquals(directory, get(FakeHub.MODEL));
    assertTrue(Files.exists(directory.resolve("vocab.txt")));
    assertEquals(downloads, server.count("GET", WEIGHTS));
  }

  @Test
  void offlineMakesNoRequest() {
    HubSettings settings = server.settings(cache);
    Hub offline =
        server.client(
            new HubSettings(settings.endpoint(), settings.token(), cache, true),
            Duration.ofSeconds(20));
    assertSentence("HF_HUB_OFFLINE", failure(offline, Map.of()));
    assertEquals(List.of(), server.requests);

    Path directory = get(FakeHub.MODEL);
    int requests = server.requests.size();
    assertEquals(
        directory,
        offline.get(FakeHub.MODEL, ModelFiles.ENCODER, Map.of(), announced::add, Progress.NONE));
    assertEquals(requests, server.requests.size());
  }

  @Test
  void severalMayPullTheSameModelAtOnce() throws IOException {
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<CompletableFuture<Path>> pulls =
          Stream.generate(
                  () -> CompletableFuture.supplyAsync(() -> refresh(server.client(cache)), pool))
              .limit(8)
              .toList();
      for (CompletableFuture<Path> pull : pulls) {
        assertArrayEquals(
            server.files.get(WEIGHTS), Files.readAllBytes(pull.join().resolve(WEIGHTS)));
      }
    }
    assertOnlyWholeFiles();
  }
}

package org.codonfuse.weights.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.hub.FakeHub.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubTest {
  private static final String WEIGHTS = "model.safetensors";

  @TempDir private Path cache;

  private final FakeHub server = new FakeHub();
  private final List<Hub.Announcement> announced = new ArrayList<>();

  @AfterEach
  void stop() {
    server.close();
  }

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

  @ParameterizedTest
  @CsvSource({
    "429, the hub asks for fewer requests (429)",
    "500, the hub fails (500)",
    "401, the hub does not accept the token (401)",
    "403, the hub forbids it (403); accept the conditions at",
    "404, there is no such repository (404)",
    "418, the hub answers 418",
  })
  void aRefusalIsOneSentenceAndLeavesNothing(int status, String sentence) throws IOException {
    Fault[] faults = new Fault[Attempts.MOST];
    Arrays.fill(faults, new Fault.Status(status, Map.of("X-Error-Code", "RepoNotFound")));
    server.fail("HEAD config.json", faults);
    assertSentence(sentence, failure(FakeHub.MODEL));
    assertOnlyWholeFiles();

    server.fail(WEIGHTS, faults);
    assertSentence(sentence, failure(FakeHub.MODEL));
    assertOnlyWholeFiles();
  }

  @Test
  void withoutATokenTheSentenceSaysHowToGiveOne() {
    server.fail("HEAD config.json", new Fault.Status(401, Map.of()));
    HubSettings settings = server.settings(cache);
    Hub anonymous =
        server.client(
            new HubSettings(settings.endpoint(), Optional.empty(), cache, false),
            Duration.ofSeconds(20));
    assertSentence("set HF_TOKEN", failure(anonymous, Map.of()));
    assertTrue(server.requests.getFirst().header("Authorization").isEmpty());
  }

  @Test
  void aMissingRepositoryRevisionOrFileIsNamed() throws IOException {
    assertSentence(
        "there is no such repository (404)", failure(new HubModel("facebook/none", "main")));
    assertSentence("no revision 'v9'", failure(FakeHub.MODEL.at("v9").orElseThrow()));
    server.files.remove("vocab.txt");
    assertSentence("vocab.txt: the repository has no such file", failure(FakeHub.MODEL));
    server.files.remove(WEIGHTS);
    server.files.put("vocab.txt", new byte[0]);
    assertSentence("neither this file nor model.safetensors.index.json", failure(FakeHub.MODEL));
    assertOnlyWholeFiles();
  }

  @Test
  void aShortBodyIsOneSentenceAndLeavesNothing() throws IOException {
    Fault[] faults = new Fault[Attempts.MOST];
    Arrays.fill(faults, new Fault.Short(10));
    server.fail(WEIGHTS, faults);
    assertSentence("ended at byte 50 of 100000", failure(FakeHub.MODEL));
    assertOnlyWholeFiles();
  }

  @Test
  void aWrongHashIsOneSentenceAndLeavesNothing() throws IOException {
    server.fail(WEIGHTS, new Fault.Corrupt());
    assertSentence("where the hub announced", failure(FakeHub.MODEL));
    assertOnlyWholeFiles();

    server.fail("config.json", new Fault.Corrupt());
    try (Stream<Path> blobs = Files.list(cache.resolve("models--facebook--tiny/blobs"))) {
      for (Path blob : blobs.toList()) {
        Files.delete(blob);
      }
    }
    assertSentence("config.json: what arrived has the hash", failure(FakeHub.MODEL));
    assertOnlyWholeFiles();
  }

  @Test
  void moreThanWasAnnouncedIsRefused() throws IOException {
    server.lies.put("X-Linked-Size", "99999");
    assertSentence("more than the announced 99999 bytes", failure(FakeHub.MODEL));
    assertOnlyWholeFiles();
  }

  @Test
  void lessRoomThanNeededIsFoundBeforeTheDownload() throws IOException {
    server.lies.put("X-Linked-Size", Long.toString(Long.MAX_VALUE / 2));
    assertSentence("bytes are needed", failure(FakeHub.MODEL));
    assertEquals(0, server.count("GET", WEIGHTS));
    assertOnlyWholeFiles();
  }

  @Test
  void otherWeightsThanThePublishedAreRefused() throws IOException {
    byte[] weights = server.files.get(WEIGHTS);
    KnownFile right = new KnownFile(FakeHub.sha256(weights), weights.length);
    for (KnownFile known :
        List.of(new KnownFile("0".repeat(64), weights.length), new KnownFile(right.sha256(), 99))) {
      assertSentence("were published", failure(server.client(cache), Map.of(WEIGHTS, known)));
    }
    server.lies.put("X-Linked-Etag", "\"an-etag-of-a-mirror\"");
    KnownFile wrong = new KnownFile("0".repeat(64), weights.length);
    assertSentence("were published", failure(server.client(cache), Map.of(WEIGHTS, wrong)));
    assertOnlyWholeFiles();
    assertFalse(Files.exists(cache.resolve("models--facebook--tiny/blobs/an-etag-of-a-mirror")));

    Path directory =
        server
            .client(cache)
            .get(
                FakeHub.MODEL,
                ModelFiles.ENCODER,
                Map.of(WEIGHTS, right),
                announced::add,
                Progress.NONE);
    assertTrue(Files.exists(directory.resolve(WEIGHTS)));
  }

  @ParameterizedTest
  @CsvSource({
    "X-Repo-Commit, ../../x",
    "X-Linked-Etag, ../../../evil",
    "X-Linked-Size, -1",
  })
  void anAnswerThatIsNotAHubsIsRefused(String header, String value) throws IOException {
    server.lies.put(header, value);
    assertSentence("check HF_ENDPOINT", failure(FakeHub.MODEL));
    assertOnlyWholeFiles();
  }

  @Test
  void aPinnedCommitIsNothingElse() {
    server.lies.put("X-Repo-Commit", "e".repeat(40));
    assertSentence(
        "the hub answers with another commit",
        failure(FakeHub.MODEL.at(FakeHub.COMMIT).orElseThrow()));
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

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\": \"../../../evil\"}", "{\"a\": 1}", "{}", "[\"/etc/passwd\"]"})
  void anIndexThatNamesAnythingElseIsRefused(String weightMap) throws IOException {
    server.files.remove(WEIGHTS);
    putIndex(weightMap);
    assertSentence("this repository cannot be used", failure(FakeHub.MODEL));
    assertOnlyWholeFiles();
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
  void aHubThatIsNotThereIsOneSentenceAtOnce() {
    server.close();
    assertSentence("nobody answers there", failure(FakeHub.MODEL));
    assertEquals(List.of(), server.pauses);
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

  @Test
  void aCacheThatCannotBeWrittenIsOneSentence() throws IOException {
    Path file = Files.createFile(cache.resolve("file"));
    Hub hub = server.client(server.settings(file.resolve("hub")), Duration.ofSeconds(20));
    assertSentence("HF_HUB_CACHE", failure(hub, Map.of()));
  }

  private void putIndex(String weightMap) {
    server.files.put(
        "pytorch_model.bin.index.json",
        ("{\"weight_map\": " + weightMap + "}").getBytes(StandardCharsets.UTF_8));
  }

  private Path get(HubModel model) {
    return server
        .client(cache)
        .get(model, ModelFiles.ENCODER, Map.of(), announced::add, Progress.NONE);
  }

  private Path refresh(Hub hub) {
    return hub.refresh(FakeHub.MODEL, ModelFiles.ENCODER, Map.of(), announced::add, Progress.NONE);
  }

  private String failure(HubModel model) {
    return assertThrows(CodonfuseException.class, () -> get(model)).getMessage();
  }

  private static String failure(Hub hub, Map<String, KnownFile> known) {
    return assertThrows(
            CodonfuseException.class,
            () -> hub.get(FakeHub.MODEL, ModelFiles.ENCODER, known, _ -> {}, Progress.NONE))
        .getMessage();
  }

  private static void assertSentence(String part, String message) {
    assertTrue(message.contains(part), message);
    assertTrue(message.endsWith(".") && !message.contains("\n"), message);
    assertFalse(message.contains("secret"), message);
  }

  /** What is in the cache has its hash as its name, or is a link to such a file. */
  private void assertOnlyWholeFiles() throws IOException {
    try (Stream<Path> files = Files.walk(cache)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        String name = file.getFileName().toString();
        boolean link = !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
        boolean ref = file.getParent().endsWith("refs");
        assertTrue(
            link
                || ref
                || List.of(FakeHub.sha256(content), FakeHub.gitSha1(content)).contains(name),
            file.toString());
      }
    }
  }
}

package org.codonfuse.weights.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.codonfuse.download.Attempts;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.hub.FakeHub.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the hub or the disk does wrong: one sentence, and nothing but whole files left. */
class HubFaultsTest extends HubFixture {
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
    assertSentence("where it should have", failure(FakeHub.MODEL));
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
    "X-Linked-Size, many",
    "X-Linked-Size, 99999999999999999999",
  })
  void anAnswerThatIsNotAHubsIsRefused(String header, String value) throws IOException {
    server.lies.put(header, value);
    assertSentence("check HF_ENDPOINT", failure(FakeHub.MODEL));
    assertOnlyWholeFiles();
  }

  @Test
  void filesThatWouldBeOneInTheCacheAreRefused() throws IOException {
    server.files.remove(WEIGHTS);
    putIndex("{\"a\": \"pytorch_model-1.bin\", \"b\": \"pytorch_model-2.bin\"}");
    server.files.put("pytorch_model-1.bin", new byte[10]);
    server.files.put("pytorch_model-2.bin", new byte[20]);
    server.lies.put("X-Linked-Etag", "\"the-same-for-all\"");
    assertSentence("the same ETag for pytorch_model-1.bin", failure(FakeHub.MODEL));
    assertOnlyWholeFiles();
  }

  @Test
  void aPinnedCommitIsNothingElse() {
    server.lies.put("X-Repo-Commit", "e".repeat(40));
    assertSentence(
        "the hub answers with another commit",
        failure(FakeHub.MODEL.at(FakeHub.COMMIT).orElseThrow()));
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
  void aHubThatIsNotThereIsOneSentenceAtOnce() {
    server.close();
    assertSentence("nobody answers there", failure(FakeHub.MODEL));
    assertEquals(List.of(), server.pauses);
  }

  @Test
  void aCacheThatCannotBeWrittenIsOneSentence() throws IOException {
    Path file = Files.createFile(cache.resolve("file"));
    Hub hub = server.client(server.settings(file.resolve("hub")), Duration.ofSeconds(20));
    assertSentence("HF_HUB_CACHE", failure(hub, Map.of()));
  }
}

package org.codonfuse.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.download.Transport;
import org.codonfuse.io.Progress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataServerTest {
  private static final String TABLE = "Sequence,Value,Dataset,Split\nAUGGCC,0.5,Tiny,train\n";

  private static final PublicDataset TINY =
      new PublicDataset(
          "tiny",
          "Tiny set.csv",
          FileServer.blob(TABLE),
          "nothing",
          "nowhere",
          OptionalInt.empty());
  private static final Transport.Timing IMPATIENT =
      new Transport.Timing(_ -> {}, Duration.ofSeconds(20), Duration.ofSeconds(20));

  @TempDir private Path folder;
  private final FileServer server = new FileServer();
  private String licence = "";

  @BeforeEach
  void fill() throws IOException {
    licence = FileServer.licence();
    server.put(TINY.path(), TABLE);
    server.put(PublicDataset.LICENCE_FILE, licence);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aSetComesWithItsLicenceAndOrigin() throws IOException {
    DataServer.Copy copy = download();
    assertTrue(copy.downloaded());
    assertEquals(folder.resolve("data/tiny.csv"), copy.table());
    assertEquals(TABLE, Files.readString(copy.table()));
    assertEquals(licence, Files.readString(copy.licence()));
    assertEquals(licence, copy.licenceText());
    JsonNode json = new ObjectMapper().readTree(copy.origin().toFile());
    assertEquals(
        server.endpoint()
            + "/Sanofi-Public/CodonBERT/"
            + PublicDataset.COMMIT
            + "/benchmarks/CodonBERT/data/fine-tune/Tiny%20set.csv",
        json.get("downloadedFrom").textValue());
    assertEquals(TINY.blob(), json.get("gitBlob").textValue());
  }

  @Test
  void whatIsThereIsCheckedAndNotAskedForAgain() throws IOException {
    DataServer.Copy copy = download();
    server.requests.clear();
    assertFalse(download().downloaded());
    assertEquals(List.of(), server.requests);

    Files.writeString(copy.table(), "mine");
    assertSentence("a file that is not the published one is in the way", failure());
    assertEquals("mine", Files.readString(copy.table()));
  }

  @Test
  void aConnectionThatBreaksOffIsTakenUpWhereItWas() throws IOException {
    download();
    Files.delete(folder.resolve("data/tiny.csv"));
    server.requests.clear();
    server.drops.add(10);
    server.drops.add(7);
    assertEquals(TABLE, Files.readString(download().table()));
    assertEquals(
        List.of("", "bytes=10-", "bytes=17-"),
        server.requests.stream()
            .filter(r -> r.startsWith("GET"))
            .map(r -> r.replaceAll(".*\\.csv ?", ""))
            .toList());
  }

  @Test
  void anotherContentIsRefusedAndLeavesNothing() throws IOException {
    server.put(TINY.path(), TABLE.replace("0.5", "0.6"));
    assertSentence("what arrived has the hash", failure());
    assertOnly("tiny.LICENSE.md");

    server.put(PublicDataset.LICENCE_FILE, "Do what you like.");
    Files.delete(folder.resolve("data/tiny.LICENSE.md"));
    assertSentence(PublicDataset.LICENCE_FILE + ": what arrived has the hash", failure());
    assertOnly();
  }

  @Test
  void refusalsAreOneSentence() throws IOException {
    server.files.clear();
    assertSentence("the server has no such file (404); name a mirror", failure());
    server.refusals.addAll(List.of(418));
    assertSentence("the server answers 418; name a mirror", failure());
    server.refusals.addAll(List.of(503, 503, 503, 503, 503));
    assertSentence("the server fails (503); try again later", failure());
    server.close();
    assertSentence("the connection failed (nobody answers there)", failure());
    assertOnly();
  }

  @Test
  void aServerThatIsBusyIsAskedAgain() throws IOException {
    server.refusals.addAll(List.of(503, 429));
    assertEquals(TABLE, Files.readString(download().table()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://a/b", "here", "http://", "https://me:secret@a", "https://a?b"})
  void anAddressThatIsNoneIsAUsageError(String address) {
    String message =
        assertThrows(UsageException.class, () -> DataServer.at(address, "--endpoint")).getMessage();
    assertTrue(message.startsWith("--endpoint '" + address + "' is not an address"), message);
  }

  @Test
  void namesAndHashesOfTheKnownSetsAreDistinct() {
    List<PublicDataset> known = PublicDataset.KNOWN;
    assertEquals(known.size(), known.stream().map(PublicDataset::name).distinct().count());
    assertEquals(known.size(), known.stream().map(PublicDataset::blob).distinct().count());
    assertTrue(known.stream().allMatch(set -> set.blob().matches("[0-9a-f]{40}")));
  }

  private DataServer.Copy download() {
    return DataServer.at(server.endpoint() + "/", "--endpoint")
        .download(TINY, folder.resolve("data"), Progress.NONE, IMPATIENT);
  }

  private String failure() {
    return assertThrows(CodonfuseException.class, this::download).getMessage();
  }

  private void assertOnly(String... names) throws IOException {
    if (Files.exists(folder.resolve("data"))) {
      try (Stream<Path> files = Files.list(folder.resolve("data"))) {
        assertEquals(List.of(names), files.map(f -> f.getFileName().toString()).toList());
      }
    }
  }

  private static void assertSentence(String part, String message) {
    assertTrue(message.contains(part), message);
    assertTrue(message.endsWith(".") && !message.contains("\n"), message);
  }
}

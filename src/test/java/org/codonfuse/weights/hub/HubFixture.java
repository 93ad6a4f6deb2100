package org.codonfuse.weights.hub;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.Progress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A hub with one model, an empty cache, and what tests ask of them. */
abstract class HubFixture {
  static final String WEIGHTS = "model.safetensors";

  @TempDir Path cache;

  final FakeHub server = new FakeHub();
  final List<Hub.Announcement> announced = new ArrayList<>();

  @AfterEach
  void stop() {
    server.close();
  }

  void putIndex(String weightMap) {
    server.files.put(
        "pytorch_model.bin.index.json",
        ("{\"weight_map\": " + weightMap + "}").getBytes(StandardCharsets.UTF_8));
  }

  Path get(HubModel model) {
    return server
        .client(cache)
        .get(model, ModelFiles.ENCODER, Map.of(), announced::add, Progress.NONE);
  }

  Path refresh(Hub hub) {
    return hub.refresh(FakeHub.MODEL, ModelFiles.ENCODER, Map.of(), announced::add, Progress.NONE);
  }

  String failure(HubModel model) {
    return assertThrows(CodonfuseException.class, () -> get(model)).getMessage();
  }

  static String failure(Hub hub, Map<String, KnownFile> known) {
    return assertThrows(
            CodonfuseException.class,
            () -> hub.get(FakeHub.MODEL, ModelFiles.ENCODER, known, _ -> {}, Progress.NONE))
        .getMessage();
  }

  static void assertSentence(String part, String message) {
    assertTrue(message.contains(part), message);
    assertTrue(message.endsWith(".") && !message.contains("\n"), message);
    assertFalse(message.contains("secret"), message);
  }

  /** What is in the cache has its hash as its name, or is a link to such a file. */
  void assertOnlyWholeFiles() throws IOException {
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

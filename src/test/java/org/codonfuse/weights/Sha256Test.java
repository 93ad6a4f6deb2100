package org.codonfuse.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {
  @TempDir Path folder;

  @Test
  void digestsPublishedTestVectors() throws IOException {
    Path path = folder.resolve("file");

    Files.writeString(path, "abc");
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Sha256.of(path));

    Files.writeString(path, "a".repeat(1_000_000));
    assertEquals(
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", Sha256.of(path));
  }

  @Test
  void namesAFileThatCannotBeRead() {
    Path absent = folder.resolve("absent");

    String message = assertThrows(CodonfuseException.class, () -> Sha256.of(absent)).getMessage();

    assertTrue(message.startsWith(absent + ": cannot be read"), message);
  }
}

package org.codonfuse.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VocabularyTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"'<cls>\nA\nC'", "'<cls>\r\nA\r\nC\r\n'", "'<cls>\nA \nC\n\n'"})
  void idsAreLines(String text) throws IOException {
    Vocabulary vocabulary = Vocabulary.read(write(text));
    assertEquals(3, vocabulary.size());
    assertEquals(OptionalInt.of(2), vocabulary.id("C"));
    assertEquals(OptionalInt.empty(), vocabulary.id("G"));
    assertEquals("A", vocabulary.token(1));
  }

  @ParameterizedTest
  @CsvSource({
    "'A\nC\nA\n',':3: the token ''A'' is that of line 1 too'",
    "'A\n\nC\n',':2: a token is missing'",
    "'',': is empty'"
  })
  void badVocabulariesAreNamedWithTheirLine(String text, String message) throws IOException {
    Path file = write(text);
    var e = assertThrows(CodonfuseException.class, () -> Vocabulary.read(file));
    assertTrue(e.getMessage().startsWith(file + message), e::getMessage);
  }

  @Test
  void aMissingFileIsNamed() {
    Path file = folder.resolve("absent.txt");
    var e = assertThrows(CodonfuseException.class, () -> Vocabulary.read(file));
    assertEquals(
        file
            + ": the vocabulary cannot be read (no such file or directory); give a model directory"
            + " that has a readable vocab.txt.",
        e.getMessage());
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("vocab.txt"), text);
  }
}

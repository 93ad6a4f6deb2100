package org.codonfuse.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class TokenizerGoldenTest {
  @TestFactory
  Stream<DynamicTest> idsAreThoseOfTheReference() throws IOException, URISyntaxException {
    return models().stream().flatMap(TokenizerGoldenTest::cases);
  }

  private static Stream<DynamicTest> cases(Path model) {
    Vocabulary vocabulary = Vocabulary.read(model.resolve("vocab.txt"));
    Tokenizer tokenizer = Tokenizers.forVocabulary(vocabulary, Tokenizers.detect(vocabulary));
    JsonNode cases = json(model.resolve("cases.json"));
    return IntStream.range(0, cases.size())
        .mapToObj(
            i ->
                DynamicTest.dynamicTest(
                    model.getFileName() + " case " + i,
                    () -> {
                      Tokens tokens = tokenizer.tokenize(cases.get(i).get("sequence").asText());
                      assertArrayEquals(ids(cases.get(i).get("tokens")), tokens.ids());
                      assertEquals(0, tokens.normalised());
                    }));
  }

  private static int[] ids(JsonNode tokens) {
    return StreamSupport.stream(tokens.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> models() throws IOException, URISyntaxException {
    String property = System.getProperty("codonfuse.golden", "");
    Path golden =
        property.isEmpty() || property.startsWith("${")
            ? Path.of(TokenizerGoldenTest.class.getResource("/golden").toURI())
            : Path.of(property);
    try (Stream<Path> folders = Files.list(golden.resolve("encoders"))) {
      return folders.filter(folder -> Files.exists(folder.resolve("cases.json"))).sorted().toList();
    }
  }
}

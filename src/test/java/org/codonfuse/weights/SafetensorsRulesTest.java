package org.codonfuse.weights;

import static org.codonfuse.weights.SafetensorsBytes.file;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsRulesTest {
  @TempDir Path folder;

  static Stream<Arguments> broken() {
    byte[] good = json(tensors(f32("[2]", "[0,8]")), 8);
    return Stream.of(
        rule("an empty file", new byte[0], "0 bytes are too few"),
        rule("less than a header length", new byte[7], "7 bytes are too few"),
        rule(
            "a header length beyond the limit",
            file(100_000_001, new byte[] {'{', '}'}, new byte[0]),
            "header length 100000001 exceeds 100000000 bytes"),
        rule(
            "a header length beyond 2^63",
            file(-1, new byte[] {'{', '}'}, new byte[0]),
            "header length 18446744073709551615 exceeds"),
        rule(
            "a header longer than the file",
            file(3, new byte[] {'{', '}'}, new byte[0]),
            "truncated within its header, which should have 3 bytes and has 2"),
        rule("no header", file("", 0), "does not begin with '{'"),
        rule("a space before the header", json(" {}", 0), "does not begin with '{'"),
        rule("a header that is a list", json("[]", 0), "does not begin with '{'"),
        rule("NUL padding", json("{}\0\0", 0), "does not end with '}' and padding spaces"),
        rule("newline padding", json("{}\n", 0), "does not end with '}' and padding spaces"),
        rule("an unclosed header", json("{'a':", 0), "does not end with '}'"),
        rule("a header that goes on", json("{} {}", 0), "goes on after its JSON object"),
        rule("a header that goes on with rubbish", json("{} x}", 0), "no valid JSON"),
        rule("unclosed braces", json("{'a':{}", 0), "tensor \"a\" lacks its dtype"),
        rule("JSON with comments", json("{/* */}", 0), "no valid JSON"),
        rule("single quotes", file("{'a':1}", 0), "no valid JSON"),
        rule(
            "bytes that are no UTF-8",
            file(new byte[] {'{', '"', (byte) 0xff, '"', ':', '}'}, new byte[0]),
            "not UTF-8 text"),
        rule("UTF-16", file("{}".getBytes(StandardCharsets.UTF_16LE), new byte[0]), "'}'"),
        rule(
            "the first half of a surrogate pair",
            json("{'\\ud800':" + f32("[0]", "[0,0]") + "}", 0),
            "no valid JSON"),
        rule(
            "the second half of a surrogate pair",
            json("{'\\udc00':" + f32("[0]", "[0,0]") + "}", 0),
            "no valid JSON"),
        rule(
            "the second half of a surrogate pair in the metadata",
            json("{'__metadata__':{'k':'\\udc00'}}", 0),
            "Unicode"),
        rule(
            "the first half of a surrogate pair in the metadata",
            json("{'__metadata__':{'k':'\\ud800'}}", 0),
            "Unicode"),
        rule(
            "a tensor twice",
            json("{'a':%1$s,'a':%1$s}".formatted(f32("[0]", "[0,0]")), 0),
            "holds \"a\" twice"),
        rule(
            "a tensor twice, once escaped",
            json("{'a':%1$s,'\\u0061':%1$s}".formatted(f32("[0]", "[0,0]")), 0),
            "holds \"a\" twice"),
        rule(
            "metadata twice",
            json("{'__metadata__':{},'__metadata__':{}}", 0),
            "holds \"__metadata__\" twice"),
        rule(
            "a metadata key twice",
            json("{'__metadata__':{'k':'v','k':'v'}}", 0),
            "__metadata__ holds \"k\" twice"),
        rule("metadata that is text", json("{'__metadata__':'v'}", 0), "is not a JSON object"),
        rule("a metadata number", json("{'__metadata__':{'k':1}}", 0), "has no text for \"k\""),
        rule("nested metadata", json("{'__metadata__':{'k':{}}}", 0), "has no text for \"k\""),
        rule("a tensor that is null", json("{'a':null}", 0), "not described by a JSON object"),
        rule(
            "a deeply nested tensor",
            json("{'a':" + "[".repeat(100_000) + "]".repeat(100_000) + "}", 0),
            "not described by a JSON object"),
        rule(
            "a deeply nested shape",
            json(tensors(f32("[".repeat(100_000) + "]".repeat(100_000), "[0,0]")), 0),
            "something other than integers"),
        rule(
            "a field twice",
            json(tensors("{'shape':[1],'shape':[1]}"), 0),
            "has the field shape twice"),
        rule("an unknown field", json(tensors("{'stride':[1]}"), 0), "unknown field \"stride\""),
        rule("no dtype", json(tensors("{'shape':[],'data_offsets':[0,4]}"), 4), "lacks its dtype"),
        rule("no shape", json(tensors("{'dtype':'F32','data_offsets':[0,4]}"), 4), "lacks its"),
        rule("no offsets", json(tensors("{'dtype':'F32','shape':[]}"), 4), "lacks its"),
        rule(
            "an unknown dtype",
            json(tensors("{'dtype':'F4','shape':[],'data_offsets':[0,4]}"), 4),
            "unknown dtype \"F4\"; convert it to one of [F64, F32"),
        rule(
            "a lower-case dtype",
            json(tensors("{'dtype':'f32','shape':[],'data_offsets':[0,4]}"), 4),
            "unknown dtype \"f32\""),
        rule(
            "a numeric dtype",
            json(tensors("{'dtype':32,'shape':[],'data_offsets':[0,4]}"), 4),
            "dtype that is not text"),
        rule("a shape that is a number", json(tensors(f32("2", "[0,8]")), 8), "not a list"),
        rule("a negative size", json(tensors(f32("[-2]", "[0,8]")), 8), "integers from 0"),
        rule("a size of -0", json(tensors(f32("[-0]", "[0,0]")), 0), "integers from 0"),
        rule("a fractional size", json(tensors(f32("[2.0]", "[0,8]")), 8), "integers from 0"),
        rule("a size with an exponent", json(tensors(f32("[2e0]", "[0,8]")), 8), "integers from"),
        rule("a size as text", json(tensors(f32("['2']", "[0,8]")), 8), "integers from 0"),
        rule("a size of null", json(tensors(f32("[null]", "[0,8]")), 8), "integers from 0"),
        rule(
            "a size beyond 2^63",
            json(tensors(f32("[18446744073709551618]", "[0,8]")), 8),
            "integers from 0"),
        rule(
            "a shape that overflows to the right size",
            json(tensors(f32("[4294967296,4294967297,2]", "[0,8]")), 8),
            "more than 2^63 - 1 elements"),
        rule(
            "bytes that overflow to the right size",
            json(tensors(f32("[4611686018427387906]", "[0,8]")), 8),
            "has 8 bytes by its data_offsets, but over 2^63 bytes by its shape"),
        rule(
            "too many dimensions",
            json(tensors(f32("[1" + ",1".repeat(64) + "]", "[0,4]")), 4),
            "more than 64 numbers"),
        rule("one offset", json(tensors(f32("[2]", "[8]")), 8), "two data_offsets"),
        rule("three offsets", json(tensors(f32("[2]", "[0,8,8]")), 8), "more than 2 numbers"),
        rule("a negative offset", json(tensors(f32("[2]", "[-8,0]")), 8), "integers from 0"),
        rule(
            "an offset beyond 2^63",
            json(tensors(f32("[2]", "[0,18446744073709551615]")), 8),
            "integers from 0"),
        rule(
            "offsets in reverse",
            json(tensors(f32("[2]", "[8,0]")), 8),
            "ends before it begins: data_offsets [8, 0]"),
        rule(
            "fewer bytes than the shape has",
            json(tensors(f32("[2]", "[0,4]")), 4),
            "has 4 bytes by its data_offsets, but 8 bytes by its shape [2] of F32"),
        rule(
            "more bytes than the shape has",
            json(tensors(f32("[2]", "[0,12]")), 12),
            "has 12 bytes by its data_offsets, but 8"),
        rule(
            "a hole before the first tensor",
            json(tensors(f32("[2]", "[4,12]")), 12),
            "begins at byte 4 of the data and leaves a hole, for the one before ends at 0"),
        rule(
            "a hole between tensors",
            json("{'a':" + f32("[2]", "[0,8]") + ",'b':" + f32("[2]", "[12,20]") + "}", 20),
            "tensor \"b\" begins at byte 12 of the data and leaves a hole"),
        rule(
            "an overlap of tensors",
            json("{'b':" + f32("[2]", "[0,8]") + ",'a':" + f32("[2]", "[4,12]") + "}", 12),
            "tensor \"a\" begins at byte 4 of the data and leaves an overlap"),
        rule(
            "two tensors with the same data",
            json("{'b':" + f32("[2]", "[0,8]") + ",'a':" + f32("[2]", "[0,8]") + "}", 8),
            "leaves an overlap"),
        rule(
            "data that are cut off",
            Arrays.copyOf(good, good.length - 1),
            "take 8 bytes, but the file has 7 behind its header, so it is truncated"),
        rule(
            "data that go on",
            Arrays.copyOf(good, good.length + 1),
            "take 8 bytes, but the file has 9 behind its header, so it is longer"),
        rule("data without tensors", json("{}", 1), "the tensors take 0 bytes"),
        rule(
            "a Git LFS pointer",
            "version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.UTF_8),
            "Git LFS pointer"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void refusesByNameInOneSentence(String what, byte[] content, String rule) {
    Path path = SafetensorsBytes.write(folder.resolve("model.safetensors"), content);

    String message =
        assertThrows(CodonfuseException.class, () -> SafetensorsFile.open(path), what).getMessage();

    assertAll(
        () -> assertTrue(message.startsWith(path + ": "), message),
        () -> assertTrue(message.contains(rule), message),
        () -> assertTrue(message.contains("; "), "a remedy: " + message),
        () -> assertFalse(message.contains("\n"), message));
  }

  static Stream<Arguments> legal() {
    return Stream.of(
        rule("no tensors", json("{}", 0), "[]"),
        rule("no tensors but metadata", json("{'__metadata__':{'k':'v'}}", 0), "[]"),
        rule("padding", json("{}      ", 0), "[]"),
        rule("white space within", json("{\n}", 0), "[]"),
        rule("a scalar", json(tensors(f32("[]", "[0,4]")), 4), "[a]"),
        rule("an empty tensor", json(tensors(f32("[3,0]", "[0,0]")), 0), "[a]"),
        rule("64 dimensions", json(tensors(f32("[1" + ",1".repeat(63) + "]", "[0,4]")), 4), "[a]"),
        rule(
            "empty tensors at the ends and between",
            json(
                "{'c':%s,'d':%s,'a':%s,'b':%s}"
                    .formatted(
                        f32("[1]", "[4,8]"),
                        f32("[0]", "[8,8]"),
                        f32("[0]", "[0,0]"),
                        f32("[1]", "[0,4]")),
                8),
            "[a, b, c, d]"),
        rule(
            "unaligned data and fields in any order",
            json(
                "{'b':"
                    + f32("[1]", "[1,5]")
                    + ",'a':{'data_offsets':[0,1],'shape':[1],'dtype':'U8'}}",
                5),
            "[a, b]"),
        rule("an empty name", json("{'':" + f32("[0]", "[0,0]") + "}", 0), "[]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("legal")
  void acceptsWhatIsUnusualButLegal(String what, byte[] content, String names) {
    Path path = SafetensorsBytes.write(folder.resolve("model.safetensors"), content);

    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals(names, file.names().toString(), what);
    }
  }

  @Test
  void saysWhatIsWrongWithThePath() {
    Path absent = folder.resolve("absent.safetensors");

    String missing =
        assertThrows(CodonfuseException.class, () -> SafetensorsFile.open(absent)).getMessage();
    String directory =
        assertThrows(CodonfuseException.class, () -> SafetensorsFile.open(folder)).getMessage();

    assertEquals(absent + ": cannot be read (no such file or directory); check the path.", missing);
    assertEquals(folder + ": a directory, not a safetensors file; name the file in it.", directory);
  }

  @Test
  void keepsHostileNamesOnOneShortLine() {
    byte[] content = json("{'" + "\\n".repeat(10_000) + "':1}", 0);
    Path path = SafetensorsBytes.write(folder.resolve("model.safetensors"), content);

    String message =
        assertThrows(CodonfuseException.class, () -> SafetensorsFile.open(path)).getMessage();

    assertFalse(message.contains("\n"), message);
    assertTrue(message.length() < path.toString().length() + 300, message);
  }

  private static Arguments rule(String what, byte[] content, String expected) {
    return Arguments.of(what, content, expected);
  }

  private static String f32(String shape, String offsets) {
    return "{'dtype':'F32','shape':%s,'data_offsets':%s}".formatted(shape, offsets);
  }

  private static String tensors(String description) {
    return "{'a':" + description + "}";
  }

  private static byte[] json(String header, int dataBytes) {
    return file(header.replace('\'', '"'), dataBytes);
  }
}

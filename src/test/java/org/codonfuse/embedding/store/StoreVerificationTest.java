package org.codonfuse.embedding.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.io.Progress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class StoreVerificationTest {
  private static final String MENDS = "; run the command that wrote it again, which mends it.";

  @TempDir private Path folder;
  private Path store;

  @BeforeEach
  void write() {
    store = Stores.write(folder.resolve("store"), Stores.settings(), "A", "CC", "A", "GGG");
  }

  private List<String> findings() {
    return StoreVerification.of(store, Progress.NONE);
  }

  private void edit(String file, UnaryOperator<String> change) throws IOException {
    Path path = store.resolve(file);
    String text = Files.readString(path);
    String changed = change.apply(text);
    assertTrue(!changed.equals(text), text);
    Files.writeString(path, changed);
  }

  @Test
  void findsNothingInWhatWasWritten() {
    assertEquals(List.of(), findings());
  }

  @Test
  void findsAChangedValue() throws IOException {
    Path part = store.resolve("part-00001.safetensors");
    byte[] bytes = Files.readAllBytes(part);
    bytes[bytes.length - 3] ^= 4;
    Files.write(part, bytes);

    assertEquals(
        List.of(part + ": its values are not those that were written (wrong checksum)" + MENDS),
        findings());
  }

  @Test
  void findsMissingTruncatedAndForeignParts() throws IOException {
    Path first = store.resolve("part-00000.safetensors");
    Path second = store.resolve("part-00001.safetensors");
    Files.copy(first, store.resolve("part-00007.safetensors"));
    Files.delete(first);
    Files.write(second, new byte[3]);

    assertEquals(
        List.of(
            second
                + ": 3 bytes are too few for a safetensors file; download it, or write it, again.",
            store.resolve("part-00007.safetensors")
                + ": is none of the 2 parts of this store; remove it.",
            first + ": is missing" + MENDS),
        findings());
  }

  @Test
  void findsPartsInOneAnothersPlace() throws IOException {
    Path first = store.resolve("part-00000.safetensors");
    Path second = store.resolve("part-00001.safetensors");
    Path other = store.resolve("other");
    Files.move(first, other);
    Files.move(second, first);
    Files.move(other, second);

    List<String> findings = findings();

    assertEquals(4, findings.size(), findings.toString());
    assertTrue(findings.stream().allMatch(f -> f.startsWith(store + "/index.csv: 's")));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16", "FLOAT16"})
  void findsValuesThatAreNotFinite(DType type) {
    StoreManifest settings = Stores.settings(type, Pooling.NONE, Optional.empty());
    List<List<String>> plan = List.of(Stores.hashes("A", "CC", "G"));
    store = folder.resolve("infinite");
    try (StoreWriter writer = StoreWriter.open(store, settings, plan);
        PartWriter part = writer.part(0, List.of(2, 1, 1))) {
      for (float value : new float[] {1, 1, Float.NEGATIVE_INFINITY, Float.NaN}) {
        float[] row = {1, 2, 3, 4, value};
        part.append(Stores.stored(settings, row));
      }
      part.commit();
      writer.finish(Stores.input("A", "CC", "G"), Map.of());
    }

    List<String> findings = findings();

    assertEquals(2, findings.size(), findings.toString());
    assertTrue(findings.get(0).contains(": rows 2 to 2 have values that are not finite; "));
    assertTrue(findings.get(1).contains(": rows 3 to 3 have values that are not finite; "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "(?m)^(s1,\\w+),0, | $1,7, | :3: part 7 where there are 2",
        "(?m)^(s1,\\w+),0, | $1,-1, | :3: part -1 where there are 2",
        "(?m)^(s1,\\w+),0,\\d+ | $1,0,-2 | :3: negative rows",
        "(?m)^(s1,\\w+),0,\\d+ | $1,0,x | :3: part, row or rows is no number",
        "(?m)^(s1,\\w+),0,\\d+ | $1,0 | :3: 4 cells where the header has 5",
        "^id | name | :1: the columns are not id,sha256,part,row,rows",
        "(?s).+ | '' | :1: is empty",
        "^id | \"id | : is no CSV in UTF-8",
        "(?m)^(s1,\\w+),0,\\d+,(\\d+)$ | $1,0,40,$2 | : 's1' is not in the",
        "(?m)^(s1),\\w+, | $1,abc, | : 's1' is not in the",
        "(?m)^s3.*\\n | '' | : has 3 sequences where the manifest counts 4",
      })
  void findsWrongLinesOfTheIndex(String pattern, String replacement, String expected)
      throws IOException {
    edit("index.csv", text -> text.replaceFirst(pattern, replacement));

    List<String> findings = findings();

    assertTrue(
        findings.getFirst().startsWith(store.resolve("index.csv") + expected), findings.toString());
  }

  @Test
  void namesNoMoreMissingPartsThanAnybodyReads() throws IOException {
    edit("manifest.json", text -> text.replaceFirst("\"parts\" : 2", "\"parts\" : 900000000"));

    List<String> findings = findings();

    assertTrue(findings.size() < 110, () -> findings.size() + " findings");
    assertTrue(findings.stream().anyMatch(f -> f.contains(": 899999898 more parts are missing")));
  }

  @Test
  void countsWhatThereIs() throws IOException {
    edit("manifest.json", text -> text.replaceFirst("\"rows\" : \\d+", "\"rows\" : 1"));

    assertTrue(findings().getFirst().contains(" rows where the manifest counts 1; "));
  }

  @Test
  void saysWhatIsMissingOfAnIncompleteStore() {
    store = folder.resolve("incomplete");
    List<List<String>> plan = List.of(Stores.hashes("A"), Stores.hashes("CC"));
    try (StoreWriter writer = StoreWriter.open(store, Stores.settings(), plan)) {
      Stores.part(writer, Stores.settings(), 1, plan.get(1));
    }

    assertEquals(
        List.of(
            store
                + ": is not complete (1 of 2 parts are there); run the command that began it"
                + " again, which goes on where it stopped."),
        findings());
  }

  @Test
  void refusesWhatIsNoStore() {
    store = folder;
    String message = assertThrows(CodonfuseException.class, this::findings).getMessage();
    assertEquals(
        folder
            + ": is no embedding store (it has no manifest.json); name a directory that"
            + " 'codonfuse embed' wrote.",
        message);
  }
}

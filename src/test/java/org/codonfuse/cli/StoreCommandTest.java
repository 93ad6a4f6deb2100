package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.codonfuse.compute.DType;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.embedding.store.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCommandTest {
  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path store;

  @BeforeEach
  void write() {
    store =
        Stores.write(folder.resolve("store"), settings(Optional.empty()), "AUG", "AUGUAA", "AUG");
  }

  private static StoreManifest settings(Optional<StoreManifest.Shard> shard) {
    return Stores.settings(DType.FLOAT16, Pooling.MEAN, shard);
  }

  private int run(Object... arguments) {
    String[] texts = new String[arguments.length + 1];
    texts[0] = "store";
    for (int i = 0; i < arguments.length; i++) {
      texts[i + 1] = arguments[i].toString();
    }
    out.reset();
    err.reset();
    return Main.execute(printer(out), printer(err), texts);
  }

  private static PrintStream printer(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void infoSaysWhatAStoreHolds() {
    assertEquals(0, run("info", store));

    assertEquals(
        store
            + """
            : complete
              model      models/rna
              revision   unknown
              sha256     abababababababababababababababababababababababababababababababab
              molecule   rna
              layer      last
              pooling    mean
              precision  float32, stored as float16
              width      5
              sequences  3
              unique     2
              rows       2
              truncated  1
              parts      1
              size       %s
            """
                .formatted(output().lines().toList().getLast().substring(13)),
        output());
    assertTrue(output().endsWith(" B\n"), output());
  }

  @Test
  void infoAsJsonIsTheManifestAndWhatIsThere() throws IOException {
    assertEquals(0, run("info", store, "--json"));

    JsonNode result = new ObjectMapper().readTree(output());
    assertEquals(1, result.get("parts_present").intValue());
    assertEquals(
        Files.size(store.resolve("part-00000.safetensors")), result.get("bytes").longValue());
    assertEquals("mean", result.get("pooling").textValue());
    assertEquals("float16", result.at("/precision/stored").textValue());
    assertEquals(1024, result.at("/long/max_tokens").intValue());
    assertTrue(result.get("complete").booleanValue());
  }

  @Test
  void verifyTellsRightFromWrong() throws IOException {
    assertEquals(0, run("verify", store, "--quiet"));
    assertEquals(store + ": everything is right\n", output());

    Files.delete(store.resolve("part-00000.safetensors"));
    assertEquals(1, run("verify", store));
    assertEquals(2, output().lines().count());
    assertTrue(output().endsWith(store + ": 1 finding\n"), output());

    assertEquals(1, run("verify", store, "--json"));
    JsonNode result = new ObjectMapper().readTree(output());
    assertEquals(1, result.get("findings").size());
    assertTrue(!result.get("right").booleanValue());
  }

  @Test
  void mergeJoinsShards() {
    Path first =
        Stores.write(
            folder.resolve("1"), settings(Optional.of(new StoreManifest.Shard(1, 2))), "A");
    Path second =
        Stores.write(
            folder.resolve("2"), settings(Optional.of(new StoreManifest.Shard(2, 2))), "C", "A");
    Path merged = folder.resolve("merged");

    assertEquals(1, run("merge", "--output", merged, first));
    assertEquals(
        "codonfuse: Shard 2/2 is missing (1 were given); add it, or embed it first.\n", errors());
    assertEquals(0, run("merge", "--output", merged, second, first));
    assertEquals(merged + ": 3 sequences, 3 rows in 2 parts\n", output());
    assertEquals(0, run("verify", merged));
  }

  @Test
  void exportTakesTheFormatFromTheNameOrTheOption() throws IOException {
    Path csv = folder.resolve("rows.csv");
    assertEquals(0, run("export", store, "--output", csv, "--ids", "s2,s0"));
    assertEquals(csv + ": 2 sequences\n", output());
    assertEquals(3, Files.readAllLines(csv).size());

    Path npy = folder.resolve("rows");
    assertEquals(0, run("export", store, "--output", npy, "--format", "npy"));
    assertEquals((byte) 0x93, Files.readAllBytes(npy)[0]);
  }

  @Test
  void exportReplacesNothingUnasked() throws IOException {
    Path csv = Files.writeString(folder.resolve("rows.csv"), "mine");

    assertEquals(2, run("export", store, "--output", csv));
    assertTrue(
        errors().startsWith("codonfuse: " + csv + ": exists; give --overwrite to replace it, or"),
        errors());
    assertEquals("mine", Files.readString(csv));

    assertEquals(0, run("export", store, "--output", csv, "--overwrite"));
    assertEquals(4, Files.readAllLines(csv).size());
  }

  @Test
  void wrongCommandLinesAreUsageErrors() {
    assertEquals(2, run("export", store, "--output", folder.resolve("rows.xlsx")));
    assertTrue(
        errors().contains("rows.xlsx: the extension names no format; give --format safetensors,"),
        errors());
    assertEquals(2, run("export", store, "--output", "rows.csv", "--format", "xlsx"));
    assertTrue(errors().contains("--format xlsx is unknown; give safetensors, npy"), errors());
    assertEquals(2, run("export", store, "--output", store.resolve("rows.csv")));
    assertTrue(errors().contains("lies in the store"), errors());
    assertEquals(2, run());
    assertTrue(errors().contains("Name one of the commands info, verify, merge, export"), errors());
    assertEquals(2, run("merge", "--output", "x"));
  }

  @Test
  void everySubcommandHasHelp() {
    for (String command : new String[] {"info", "verify", "merge", "export"}) {
      assertEquals(0, run(command, "--help"));
      assertTrue(output().startsWith("Usage: codonfuse store " + command), output());
    }
    assertEquals(1, run("info", folder));
    assertTrue(errors().contains(": is no embedding store (it has no manifest.json); "), errors());
  }
}

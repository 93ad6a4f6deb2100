package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code embed} first, then {@code align} and {@code pool}. */
class AlignCommandTest {
  @TempDir private static Path folder;
  private static RunCommandsFixture fixture;

  @BeforeAll
  static void embedOnce() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    for (String molecule : List.of("dna", "rna", "protein")) {
      embed(molecule, molecule + "-tokens");
    }
    embed("rna", "rna-cls", "--pool", "cls");
    Files.writeString(folder.resolve("more.csv"), "id,sequence\nnew,AUGAUGAUG\n");
    Files.writeString(folder.resolve("there.npy"), "mine");
    Said said = align("--output", "@aligned", "--dna", "@dna-tokens", "--rna", "@rna-tokens");
    assertEquals(0, said.code(), said.err());
  }

  private static void embed(String model, String store, String... options) {
    List<String> args =
        new ArrayList<>(List.of("embed", "--backend=scalar", "--shard=none", "--input=@data.csv"));
    args.addAll(List.of("--model", "@" + model, "--output", "@" + store));
    args.addAll(List.of(options));
    Said said = fixture.call(args.toArray(String[]::new));
    assertEquals(0, said.code(), said.err());
  }

  /** Runs {@code align} on the scalar backend. */
  private static Said align(String... options) {
    List<String> args = new ArrayList<>(List.of("align", "--backend=scalar"));
    for (String[] needed :
        new String[][] {{"--shard", "none"}, {"--input", "@data.csv"}, {"--output", "@out"}}) {
      if (!List.of(options).contains(needed[0])) {
        args.addAll(List.of(needed));
      }
    }
    args.addAll(List.of(options));
    return fixture.call(args.toArray(String[]::new));
  }

  private static JsonNode json(Said said) throws IOException {
    assertEquals(0, said.code(), said.err());
    return new ObjectMapper().readTree(said.out());
  }

  private static void assertRefused(int code, String fragment, Said said) {
    assertEquals(code, said.code(), said.err());
    List<String> failure =
        said.err().lines().filter(line -> line.startsWith("codonfuse: ")).toList();
    assertEquals(1, failure.size(), said.err());
    assertTrue(failure.getFirst().contains(fragment.replace("@", folder + "/")), said.err());
  }

  @Test
  void aStoreIsWrittenAndReported() throws IOException {
    JsonNode results =
        json(
            align(
                "--protein",
                "@protein-tokens",
                "--rna",
                "@rna-tokens",
                "--dna",
                "@dna-tokens",
                "--store-as",
                "bfloat16",
                "--output",
                "@three",
                "--json"));
    assertEquals(60, results.get("sequences").intValue());
    assertEquals(48, results.get("width").intValue());
    assertEquals(0, results.get("cut_sequences").intValue());
    assertEquals(results.get("rows"), results.get("aligned_rows"));
    assertTrue(results.get("backend").textValue().contains("plain Java"));

    JsonNode info = json(fixture.call("store", "info", "@three", "--json"));
    assertEquals("dna", info.at("/streams/0/molecule").textValue());
    assertEquals("window", info.at("/streams/0/windows").textValue());
    assertEquals("protein", info.at("/streams/2/molecule").textValue());
    assertEquals("bfloat16", info.at("/precision/stored").textValue());
    assertEquals(0, fixture.call("store", "verify", "@three").code());
    assertEquals(0, fixture.call("store", "export", "@three", "--output=@three.csv").code());
    try (var lines = Files.lines(folder.resolve("three.csv"))) {
      assertEquals(1 + results.get("rows").longValue(), lines.count());
    }
  }

  @Test
  void aSecondRunFindsEverythingThere() {
    Said again = align("--output", "@aligned", "--dna", "@dna-tokens", "--rna", "@rna-tokens");
    assertEquals(0, again.code(), again.err());
    assertTrue(again.out().contains("Everything was there."), again.out());
  }

  @Test
  void infoNamesTheStreams() {
    Said said = fixture.call("store", "info", "@aligned");
    assertTrue(
        said.out()
            .matches(
                "(?s).*\n"
                    + "  dna        \\S+ \\([0-9a-f]{8}\\), layer last, 16 columns, codons by"
                    + " window\n"
                    + "  rna        \\S+ \\([0-9a-f]{8}\\), layer last, 16 columns\n"
                    + "  pooling    codon\n"
                    + ".*"),
        said.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | nothing to align; give stores with --dna, --rna, --protein | --json",
        "2 | --run takes windows of DNA apart | --rna @rna-tokens --run @run",
        "2 | --output @rna-tokens is, or lies in, the store given as --rna; choose another"
            + " | --rna @rna-tokens --output @rna-tokens",
        "2 | --output @data.csv is a file | --rna @rna-tokens --output @data.csv",
        "2 | float8 | --rna @rna-tokens --store-as float8",
        "1 | @nothing: no such directory | --rna @nothing",
        "1 | @run/config.json: cannot be read | --dna @dna-tokens --run @run",
        "1 | @dna-tokens: a store of dna embeddings was given as --rna | --rna @dna-tokens",
        "1 | @rna-cls: has one row for a sequence (--pool cls) where codon alignment reads a row"
            + " for every codon; embed again with --pool codon or none. | --rna @rna-cls",
        "1 | @aligned: is an aligned store (codons of dna, rna) where --rna takes the store of one"
            + " encoder; give those that it was aligned from with --dna, --rna."
            + " | --rna @aligned",
        "1 | @more.csv:2: the rna of sequence 'new' is not in the store @rna-tokens; make one"
            + " | --rna @rna-tokens --input @more.csv",
        "1 | the streams are [rna | --rna @rna-tokens --output @aligned",
        "1 | was written with other settings | --rna @rna-tokens --output @rna-cls",
      })
  void whatCannotBeAlignedIsOneSentence(int code, String fragment, String options) {
    assertRefused(code, fragment, align(options.split(" ", -1)));
    assertTrue(Files.notExists(folder.resolve("out")));
  }

  /** Runs {@code pool} on the scalar backend. */
  private static Said pool(String... options) {
    List<String> args = new ArrayList<>(List.of("pool", "--backend=scalar"));
    args.addAll(List.of(options));
    return fixture.call(args.toArray(String[]::new));
  }

  @Test
  void storesArePooledToAFile() throws IOException {
    JsonNode results = json(pool("@aligned", "--mode", "max", "--output", "@m.npy", "--json"));
    assertEquals(60, results.get("sequences").intValue());
    assertEquals(32, results.get("width").intValue());
    assertEquals("npy", results.get("format").textValue());
    assertEquals("max", results.get("mode").textValue());
    assertTrue(results.get("backend").textValue().contains("plain Java"));

    Said some =
        pool("@rna-cls", "--mode", "cls", "--ids", "s05,s01", "--output", "@c", "--format", "csv");
    assertEquals(0, some.code(), some.err());
    assertEquals(folder + "/c: 2 sequences\n", some.out());
    List<String> lines = Files.readAllLines(folder.resolve("c"));
    assertEquals(3, lines.size());
    assertTrue(lines.get(1).startsWith("s01,") && lines.get(2).startsWith("s05,"));

    assertEquals(
        0, pool("@rna-cls", "--mode=cls", "--output=@c", "--format=npy", "--overwrite").code());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | --mode median is unknown; give mean, max or cls"
            + " | @rna-tokens --mode median --output @no.npy",
        "2 | @no.txt: the extension names no format | @rna-tokens --mode mean --output @no.txt",
        "2 | @there.npy: exists; give --overwrite | @rna-tokens --mode mean --output @there.npy",
        "2 | lies in the store | @rna-tokens --mode mean --output @rna-tokens/no.npy",
        "1 | @rna-tokens: has no row of the special token (--pool none); embed with --pool cls."
            + " | @rna-tokens --mode cls --output @no.npy",
        "1 | @rna-tokens: has no sequence 'x' | @rna-tokens --mode max --ids x --output @no.npy",
        "1 | @nothing: no such directory | @nothing --mode mean --output @no.npy",
      })
  void whatCannotBePooledIsOneSentence(int code, String fragment, String options)
      throws IOException {
    assertRefused(code, fragment, pool(options.split(" ", -1)));
    assertTrue(Files.notExists(folder.resolve("no.npy")));
    assertEquals("mine", Files.readString(folder.resolve("there.npy")));
  }

  @Test
  void aLinkIntoTheStoreIsNoOutput() throws IOException {
    Path index = folder.resolve("rna-tokens/index.csv");
    byte[] before = Files.readAllBytes(index);
    Files.createSymbolicLink(folder.resolve("link.csv"), index);
    assertRefused(
        2,
        "@link.csv: lies in the store",
        pool("@rna-tokens", "--mode=mean", "--output=@link.csv", "--overwrite"));
    assertArrayEquals(before, Files.readAllBytes(index));
  }
}

package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.weights.StoredType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbedCommandTest {
  @TempDir Path folder;
  private RunCommandsFixture fixture;

  @BeforeEach
  void encoders() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    Files.writeString(
        folder.resolve("few.fasta"),
        ">a\nAUGGCU\n>b\nATGGCTGCTAAA\n>c\naugGCU\n>d\nAUGGCUNNNUAA\n");
  }

  /** Runs {@code embed} on the scalar backend; later options are added. */
  private Said embed(String... options) {
    List<String> args =
        new ArrayList<>(List.of("embed", "--backend", "scalar", "--output", "@store"));
    if (!List.of(options).contains("--input")) {
      args.addAll(List.of("--input", "@few.fasta"));
    }
    if (System.getenv("SLURM_ARRAY_TASK_ID") != null && !List.of(options).contains("--shard")) {
      args.addAll(List.of("--shard", "none"));
    }
    args.addAll(List.of(options));
    return fixture.call(args.toArray(String[]::new));
  }

  @Test
  void aStoreIsWrittenAndReported() throws IOException {
    Said said = embed("--model", "@rna", "--pool", "codon", "--precision", "float16", "--json");
    assertEquals(0, said.code(), said.err());
    JsonNode results = JsonMapper.builder().build().readTree(said.out());
    assertEquals(4, results.get("sequences").intValue());
    assertEquals(3, results.get("unique").intValue());
    assertEquals(3, results.get("computed_sequences").intValue());
    assertEquals(2 + 4 + 4, results.get("rows").intValue());
    assertEquals(8 + 14 + 14, results.get("computed_tokens").intValue());
    assertTrue(results.get("sequences_per_second").doubleValue() > 0);
    assertTrue(results.get("tokens_per_second").doubleValue() > 0);
    assertTrue(results.get("backend").textValue().contains("plain Java"), said.out());
    assertEquals(folder.resolve("store").toString(), results.get("store").textValue());
    try (EmbeddingStore store = EmbeddingStore.open(folder.resolve("store"))) {
      assertEquals(StoredType.F16, store.type());
      assertEquals(VersionProvider.version(), store.manifest().codonfuse());
      assertEquals(List.of("a", "b", "c", "d"), store.entries().stream().map(e -> e.id()).toList());
    }
  }

  @Test
  void aSecondRunFindsEverythingThere() {
    assertEquals(0, embed("--model", "@protein").code());
    Said again = embed("--model", "@protein");
    assertEquals(0, again.code(), again.err());
    assertTrue(again.out().contains("Everything was there."), again.out());
    Said other = embed("--model", "@protein", "--store-as", "bfloat16");
    assertEquals(1, other.code());
    assertTrue(
        other.err().contains("--store-as is bfloat16 where the store has float32"), other.err());
  }

  @Test
  void aShardGoesBesideTheOutput() {
    Said said = embed("--model", "@dna", "--shard", "2/2");
    assertEquals(0, said.code(), said.err());
    assertTrue(said.out().contains("store.shard-2-of-2: 2 sequences"), said.out());
    assertTrue(Files.notExists(folder.resolve("store")));
    assertEquals(0, embed("--model", "@dna", "--shard", "1/2").code());
    Said merged =
        fixture.call(
            "store", "merge", "--output", "@store", "@store.shard-1-of-2", "@store.shard-2-of-2");
    assertEquals(0, merged.code(), merged.err());
    Said whole = embed("--model", "@dna", "--shard", "none");
    assertTrue(whole.out().contains("Everything was there."), whole.out() + whole.err());
  }

  @Test
  void proteinsAreReadByAProteinModel() throws IOException {
    Files.writeString(folder.resolve("proteins.fasta"), ">p\nMKTLLIPFE*\n");
    Said said = embed("--model", "@protein", "--input", "@proteins.fasta");
    assertEquals(0, said.code(), said.err());
    assertTrue(said.err().contains("read as proteins"), said.err());
    assertTrue(said.out().contains("1 sequences (1 different), 10 rows"), said.out());
    for (String pool : List.of("codon", "window")) {
      Said aligned = embed("--model", "@protein", "--input", "@proteins.fasta", "--pool", pool);
      assertEquals(2, aligned.code());
      assertTrue(aligned.err().contains("--pool " + pool), aligned.err());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--layer, third, 2",
    "--pool, median, 2",
    "--precision, float8, 2",
    "--store-as, float8, 2",
    "--long, split, 2",
    "--molecule, lipid, 2",
    "--molecule, protein, 2",
    "--shard, 3/2, 2",
    "--shard, 1/9, 2",
    "--tokens-per-batch, 0, 2",
    "--genetic-code, 99, 2",
    "--output, @few.fasta, 2",
    "--input, @nothing.csv, 1",
    "--model, @nothing, 1",
    "--device, cuda:77, 1",
  })
  void whatCannotBeMeantIsOneSentence(String option, String value, int code) {
    List<String> args = new ArrayList<>();
    if (!option.equals("--model")) {
      args.addAll(List.of("--model", "@rna"));
    }
    args.addAll(List.of(option, value));
    if (option.equals("--output")) {
      args.addAll(0, List.of("embed", "--input", "@few.fasta"));
    }
    Said said =
        option.equals("--output")
            ? fixture.call(args.toArray(String[]::new))
            : embed(args.toArray(String[]::new));
    assertEquals(code, said.code(), said.err());
    List<String> failure =
        said.err().lines().filter(line -> line.startsWith("codonfuse: ")).toList();
    assertEquals(1, failure.size(), said.err());
    assertTrue(Files.notExists(folder.resolve("store")));
  }

  @ParameterizedTest
  @CsvSource({"AUGGCUAA-UGA, position 9", "AU, 2 nt", "'', is empty"})
  void aSequenceThatCannotBeReadStopsEverything(String sequence, String reason) throws IOException {
    Files.writeString(folder.resolve("bad.csv"), "id,Sequence\na,AUGGCU\nb," + sequence + "\n");
    Said said = embed("--model", "@rna", "--input", "@bad.csv");
    assertEquals(1, said.code());
    assertTrue(said.err().contains("bad.csv:3: ") && said.err().contains(reason), said.err());
    assertTrue(Files.notExists(folder.resolve("store")));
  }

  @Test
  void unknownTokensAreAnErrorWhereStrict() throws IOException {
    Files.writeString(folder.resolve("stops.fasta"), ">a\nAUG\n>stop\nUAAUAG\n");
    Said lenient = embed("--model", "@protein", "--input", "@stops.fasta", "--molecule", "rna");
    assertEquals(0, lenient.code(), lenient.err());
    fixture.call("store", "verify", "@store");
    Said strict = embed("--model", "@protein", "--input", "@stops.fasta", "--strict");
    assertEquals(1, strict.code());
    assertTrue(strict.err().contains("'stop'"), strict.err());
  }
}

package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.run.RunAdapter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A run with adapters of two of its three encoders. */
@RequiresTorch
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LoraOfRunTest {
  @TempDir private static Path folder;

  private static RunCommandsFixture fixture;

  @BeforeAll
  static void trainOnce() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    String[] model = {"--dna=@dna", "--protein=@protein", "--fusion=concat"};
    Said frozen = fixture.train(with("--output=@frozen", model));
    assertEquals(0, frozen.code(), frozen.err());
    Said tuned = fixture.finetune(with("--output=@run", with("--modalities=dna,protein", model)));
    assertEquals(0, tuned.code(), tuned.err());
  }

  private static String[] with(String option, String... others) {
    return Stream.concat(Stream.of(option), Stream.of(others)).toArray(String[]::new);
  }

  @Test
  @Order(1)
  void infoHasEveryAdapter() throws IOException {
    Said said = fixture.call("lora", "info", "@run", "--json");
    assertEquals(0, said.code(), said.err());
    JsonNode adapters = new ObjectMapper().readTree(said.out()).path("adapters");
    assertEquals(2, adapters.size());
    assertEquals("dna", adapters.path(0).path("stream").asText());
    assertEquals("protein", adapters.path(1).path("stream").asText());
    assertTrue(adapters.path(1).path("base_model_at_hand").asBoolean());
  }

  @Test
  @Order(2)
  void eachStreamIsMergedIntoADirectory() {
    Said said = fixture.call("lora", "merge", "@run", "--output=@merged");
    assertEquals(0, said.code(), said.err());
    assertEquals(2, said.out().lines().count());
    assertTrue(Files.exists(folder.resolve("merged/dna/model.safetensors")));
    assertTrue(Files.exists(folder.resolve("merged/protein/config.json")));
    assertFalse(Files.exists(folder.resolve("merged/rna")));
  }

  @Test
  @Order(3)
  void modelsThatMovedAreNamedByStream() throws IOException {
    Files.move(fixture.encoder(Molecule.DNA), folder.resolve("moved"));
    Said missing = fixture.call("lora", "merge", "@run", "--output=@again");
    assertEquals(1, missing.code());
    assertTrue(missing.err().contains("give it with --model dna=MODEL."), missing.err());
    assertFalse(Files.exists(folder.resolve("again")));
    Said unnamed = fixture.call("lora", "merge", "@run", "--output=@again", "--model=@moved");
    assertEquals(2, unnamed.code());
    assertTrue(
        unnamed.err().contains("names none of its adapters; give --model dna=MODEL or"),
        unnamed.err());
    Said said = fixture.call("lora", "merge", "@run", "--output=@again", "--model=dna=@moved");
    assertEquals(0, said.code(), said.err());
  }

  /** A part of what was learned must not pass for all of it. */
  @Test
  @Order(4)
  void anAdapterThatIsMissingIsSaid() throws IOException {
    Path adapter = RunAdapter.directory(folder.resolve("run"), "protein");
    Path aside = folder.resolve("aside");
    Files.move(adapter, aside);
    Said said = fixture.call("lora", "merge", "@run", "--output=@part", "--model=dna=@moved");
    Files.move(aside, adapter);
    assertEquals(1, said.code());
    assertTrue(said.err().contains("adapters/protein: is missing"), said.err());
    assertFalse(Files.exists(folder.resolve("part")));
  }

  @Test
  void runsWithoutAdaptersAreNamed() {
    Said said = fixture.call("lora", "info", "@frozen");
    assertEquals(1, said.code());
    assertTrue(said.err().contains("/frozen: has no adapters"), said.err());
  }
}

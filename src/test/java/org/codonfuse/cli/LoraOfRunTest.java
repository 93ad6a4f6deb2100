package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.encoder.AdaptableModules;
import org.codonfuse.encoder.EncoderConfig;
import org.codonfuse.encoder.PublishedEncoder;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.lora.LoraSettings;
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
    for (String run : List.of("@run", "@frozen")) {
      Said trained =
          fixture.train("--output=" + run, "--dna=@dna", "--protein=@protein", "--fusion=concat");
      assertEquals(0, trained.code(), trained.err());
    }
    for (Molecule molecule : List.of(Molecule.DNA, Molecule.PROTEIN)) {
      Path encoder = fixture.encoder(molecule);
      AdaptableModules modules =
          AdaptableModules.of(EncoderConfig.read(encoder.resolve("config.json")));
      LoraSettings settings =
          modules.resolve(new LoraSettings(2, 4, 0, false, List.of("query")), 0);
      String fingerprint;
      try (PublishedEncoder base = PublishedEncoder.open(encoder)) {
        fingerprint = base.fingerprint();
      }
      modules
          .adapter(
              settings,
              _ -> {
                float[] values = new float[2 * 16];
                Arrays.fill(values, 0.1f);
                return values;
              },
              new LoraAdapter.Base(Optional.empty(), Optional.of(fingerprint), Optional.empty()))
          .write(RunAdapter.directory(folder.resolve("run"), molecule.label()));
    }
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

  @Test
  void runsWithoutAdaptersAreNamed() {
    Said said = fixture.call("lora", "info", "@frozen");
    assertEquals(1, said.code());
    assertTrue(said.err().contains("/frozen: has no adapters"), said.err());
  }
}

package org.codonfuse.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.explain.Explanation.Ablation;
import org.codonfuse.explain.Explanation.CodonEffect;
import org.codonfuse.explain.Explanation.Evidence;
import org.codonfuse.explain.Explanation.MapAxis;
import org.codonfuse.explain.Explanation.MapPoint;
import org.codonfuse.explain.Explanation.ModalityWeight;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.explain.Explanation.Summary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplanationDirectoryTest {
  @TempDir private Path directory;

  private static Explanation explanation() {
    return new Explanation(
        new Summary(
            ExplanationDirectory.FORMAT,
            "1",
            "torch",
            "runs/a",
            "data.csv",
            "00",
            3,
            2,
            1,
            "all",
            List.of("target"),
            List.of("dna", "rna"),
            "integrated-gradients",
            50,
            "the mean",
            false,
            7),
        List.of(new ModalityWeight("a, \"b\"", "test", "rna", 0.1), weight("ä")),
        List.of(new Ablation("test", "rna", "spearman", 0.5, Double.NaN, Double.NaN, 0, 0)),
        List.of(),
        List.of(),
        List.of(),
        List.of(new Mutation("a", "target", 3, "UUU", "F", "UUC", "F", 1.5, -1e-7)),
        List.of(new CodonEffect("target", Evidence.ANY_CODON, "UAA", "*", 0.25, 0.2, 0.3, 4)),
        List.of(),
        List.of(),
        List.of(),
        List.of(new MapPoint("pca", "fused", "a", "val", 1, 2)),
        List.of(new MapAxis("pca", "fused", 1, 0.25)));
  }

  private static ModalityWeight weight(String id) {
    return new ModalityWeight(id, "train", "dna", 1 / 3.0);
  }

  @Test
  void readsWhatItWrote() {
    assertFalse(ExplanationDirectory.isIn(directory));
    ExplanationDirectory.write(directory, explanation());
    assertTrue(ExplanationDirectory.isIn(directory));
    assertEquals(explanation(), ExplanationDirectory.read(directory));
  }

  @Test
  void columnsAreTheComponentsInTheirOrder() throws IOException {
    ExplanationDirectory.write(directory, explanation());
    assertEquals(
        "id,output,position,codon,amino_acid,mutant,mutant_amino_acid,prediction,change",
        Files.readAllLines(directory.resolve("mutations.csv")).getFirst());
    assertFalse(Files.exists(directory.resolve("attributions.csv")));
  }

  @Test
  void wordsAreInLowerCase() throws IOException {
    ExplanationDirectory.write(directory, explanation());
    assertEquals(
        "target,any_codon,UAA,\"*\",0.25,0.2,0.3,4",
        Files.readAllLines(directory.resolve("codon_effects.csv")).get(1));
  }

  @Test
  void sayWhereAFileIsDamaged() throws IOException {
    ExplanationDirectory.write(directory, explanation());
    Path file = directory.resolve("modality_weights.csv");
    Files.writeString(file, Files.readString(file).replace("0.1", "much"));
    CodonfuseException e =
        assertThrows(CodonfuseException.class, () -> ExplanationDirectory.read(directory));
    assertEquals(file + ":2: is damaged; explain the run again.", e.getMessage());
  }

  @Test
  void aTableThatEndsWithinALineIsDamaged() throws IOException {
    ExplanationDirectory.write(directory, explanation());
    Path file = directory.resolve("mutations.csv");
    String text = Files.readString(file);
    Files.writeString(file, text.substring(0, text.lastIndexOf("1.5")));
    CodonfuseException e =
        assertThrows(CodonfuseException.class, () -> ExplanationDirectory.read(directory));
    assertTrue(e.getMessage().startsWith(file + ":"), e.getMessage());
  }

  @Test
  void refusesAnotherFormat() throws IOException {
    ExplanationDirectory.write(directory, explanation());
    Path file = directory.resolve("explanation.json");
    Files.writeString(file, Files.readString(file).replace("\"format\" : 1", "\"format\" : 9"));
    CodonfuseException e =
        assertThrows(CodonfuseException.class, () -> ExplanationDirectory.read(directory));
    assertTrue(
        e.getMessage().endsWith("has format 9 where this program reads 1; explain the run again."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "{\"format\": 1}", "{\"format\": 1, ", "[]", "{}"})
  void aSummaryThatIsNotWholeIsSaid(String text) throws IOException {
    ExplanationDirectory.write(directory, explanation());
    Path file = Files.writeString(directory.resolve("explanation.json"), text);
    CodonfuseException e =
        assertThrows(CodonfuseException.class, () -> ExplanationDirectory.read(directory));
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertTrue(e.getMessage().endsWith("; explain the run again."), e.getMessage());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theEarlierOneIsFoundWhereAReplacementWasKilled() throws IOException {
    Path place = directory.resolve("explanation");
    ExplanationDirectory.replace(place, explanation());
    Files.move(place, directory.resolve(".explanation.0123.old"));
    assertTrue(ExplanationDirectory.isIn(place));
    assertEquals(explanation(), ExplanationDirectory.read(place));
    ExplanationDirectory.replace(place, explanation());
    assertEquals(List.of("explanation"), names());
    assertEquals(explanation(), ExplanationDirectory.read(place));
  }

  @Test
  void whatKilledProcessesLeftGoesWithTheNextReplacement() throws IOException {
    Path abandoned = Files.createDirectory(directory.resolve(".explanation.0123.part"));
    Files.writeString(abandoned.resolve("map.csv"), "half");
    Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minus(2, ChronoUnit.HOURS)));
    Files.createDirectory(directory.resolve(".explanation.4567.part"));
    ExplanationDirectory.replace(directory.resolve("explanation"), explanation());
    assertEquals(List.of(".explanation.4567.part", "explanation"), names());
  }

  @Test
  void replacementsAtTheSameTimeLeaveOneThatIsWhole() throws Exception {
    Path place = directory.resolve("explanation");
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        done.add(threads.submit(() -> ExplanationDirectory.replace(place, explanation())));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
    assertEquals(explanation(), ExplanationDirectory.read(place));
    assertEquals(List.of("explanation"), names());
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path real = Files.createDirectory(directory.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(directory.resolve("explanation"), real);
    ExplanationDirectory.replace(link, explanation());
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(explanation(), ExplanationDirectory.read(real));
    assertEquals(List.of("elsewhere", "explanation"), names());
  }

  @Test
  void refusesAPlaceBelowAFileBeforeAnythingIsComputed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    Path place = file.resolve("explanation");
    UsageException e =
        assertThrows(UsageException.class, () -> ExplanationDirectory.requireReplaceable(place));
    assertEquals(
        "%s: cannot be written into %s; choose a place that is writable with --output."
            .formatted(place, file),
        e.getMessage());
  }
}

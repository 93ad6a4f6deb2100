package org.codonfuse.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.codonfuse.CodonfuseException;
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
  void sayWhereAFileIsDamaged() throws IOException {
    ExplanationDirectory.write(directory, explanation());
    Path file = directory.resolve("modality_weights.csv");
    Files.writeString(file, Files.readString(file).replace("0.1", "much"));
    CodonfuseException e =
        assertThrows(CodonfuseException.class, () -> ExplanationDirectory.read(directory));
    assertEquals(file + ":2: is damaged; explain the run again.", e.getMessage());
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
}

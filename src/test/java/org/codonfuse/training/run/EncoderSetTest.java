package org.codonfuse.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.codonfuse.CodonfuseException;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncoderSetTest {
  @TempDir Path folder;

  private void embed(Molecule molecule, String rna, int code, boolean strict) {
    SequencedMap<Molecule, Path> directories = new LinkedHashMap<>();
    directories.put(molecule, TestRuns.encoders(folder, 1).get(molecule));
    try (Backend backend = TestBackends.open("scalar");
        EncoderSet encoders = new EncoderSet(backend, directories)) {
      encoders.examples(
          encoders.streams(),
          List.of(new CodingSequence("s", rna)),
          GeneticCode.of(code),
          strict,
          new EmbeddingCache(folder.resolve("cache")),
          Progress.NONE);
    }
  }

  private long entries() throws IOException {
    try (var files = Files.list(folder.resolve("cache"))) {
      return files.count();
    }
  }

  @Test
  void strictnessHoldsForCachedEmbeddingsToo() {
    embed(Molecule.PROTEIN, "UAAUAGAUG", 1, false);
    var e =
        assertThrows(CodonfuseException.class, () -> embed(Molecule.PROTEIN, "UAAUAGAUG", 1, true));
    assertTrue(e.getMessage().contains("--strict"), e.getMessage());
  }

  @Test
  void onlyProteinsDependOnTheGeneticCode() throws IOException {
    embed(Molecule.RNA, "AUGGCU", 1, true);
    embed(Molecule.RNA, "AUGGCU", 11, true);
    assertEquals(1, entries());
    embed(Molecule.PROTEIN, "AUGGCU", 1, true);
    embed(Molecule.PROTEIN, "AUGGCU", 11, true);
    assertEquals(3, entries());
  }
}

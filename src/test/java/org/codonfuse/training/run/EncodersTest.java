package org.codonfuse.training.run;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.file.Path;
import java.util.Optional;
import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodersTest {
  @TempDir private Path folder;

  @Test
  void anEncoderIsLoadedOnceHoweverItsDirectoryIsWritten() {
    Path rna = TestRuns.encoders(folder, 1).get(Molecule.RNA);
    Path other = TestRuns.encoders(folder.resolve("others"), 1).get(Molecule.RNA);
    try (Backend backend = TestBackends.open("scalar");
        Encoders encoders = new Encoders(backend)) {
      assertSame(
          encoders.get(rna, Precision.FLOAT32, Optional.empty()),
          encoders.get(
              rna.resolve("../" + rna.getFileName()), Precision.FLOAT32, Optional.empty()));
      assertNotSame(
          encoders.get(rna, Precision.FLOAT32, Optional.empty()),
          encoders.get(other, Precision.FLOAT32, Optional.empty()));
    }
  }
}

package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.codonfuse.CodonfuseException;
import org.codonfuse.TestBackends;
import org.codonfuse.TestGroups;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Peers;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.io.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SharedEmbeddingTest {
  @TempDir Path folder;

  @Test
  void processesThatAreAskedForDifferentThingsAreToldSoBeforeTheyCompute() throws Exception {
    Path store = folder.resolve("store");
    String[] mine = EmbeddingFixture.random(9, 1);
    String[] other = EmbeddingFixture.random(7, 1);
    EmbeddingSettings settings = EmbeddingSettings.of(Pooling.NONE);
    for (String message : said(store, mine, settings, other, EmbeddingSettings.of(Pooling.MEAN))) {
      assertEquals(
          "The processes were asked for different embeddings (in rank 1 the input is 7 sequences"
              + " where rank 0 has 9; --pool is mean where rank 0 has none); give all the same"
              + " command.",
          message);
    }
    try (var files = Files.list(folder)) {
      assertFalse(files.anyMatch(file -> file.getFileName().toString().startsWith("store")));
    }
  }

  /** What each of two processes fails of. */
  private List<String> said(
      Path store,
      String[] first,
      EmbeddingSettings firstSettings,
      String[] second,
      EmbeddingSettings secondSettings)
      throws Exception {
    EmbeddingFixture fixture = new EmbeddingFixture(folder);
    Path _ = fixture.model(EncoderFamily.RNA_FM);
    List<Peers> peers = TestGroups.peers(2);
    List<String> said = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<String>> futures = new ArrayList<>();
      for (Peers process : peers) {
        boolean isFirst = process.rank() == 0;
        futures.add(
            threads.submit(
                () ->
                    said(
                        process,
                        fixture,
                        isFirst ? first : second,
                        isFirst ? firstSettings : secondSettings,
                        store)));
      }
      for (Future<String> future : futures) {
        said.add(future.get());
      }
    }
    return said;
  }

  private static String said(
      Peers process,
      EmbeddingFixture fixture,
      String[] rna,
      EmbeddingSettings settings,
      Path store) {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = fixture.encoder(backend, EncoderFamily.RNA_FM)) {
      EmbeddingInputs inputs = EmbeddingFixture.inputs(encoder, rna);
      return assertThrows(
              CodonfuseException.class,
              () ->
                  SharedEmbedding.run(
                      process, backend, encoder, inputs, settings, store, Progress.NONE))
          .getMessage();
    }
  }
}

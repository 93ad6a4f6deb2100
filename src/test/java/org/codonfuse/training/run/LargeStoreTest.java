package org.codonfuse.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.embedding.store.NamedSequence;
import org.codonfuse.embedding.store.PartWriter;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.embedding.store.StoreWriter;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.weights.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresTorch
class LargeStoreTest {
  private static final int SEQUENCES = 500;
  private static final int CODONS = 300;
  private static final int WIDTH = 256;
  private static final int PART = 125;

  @TempDir private Path folder;

  private List<String> sequences() {
    SplittableRandom random = new SplittableRandom(3);
    return IntStream.range(0, SEQUENCES)
        .mapToObj(
            _ -> {
              StringBuilder rna = new StringBuilder(3 * CODONS);
              random.ints(3L * CODONS, 0, 4).forEach(i -> rna.append("ACGU".charAt(i)));
              return rna.toString();
            })
        .toList();
  }

  private Path data(List<String> sequences) throws IOException {
    StringBuilder csv = new StringBuilder("id,sequence,value,split\n");
    for (int i = 0; i < sequences.size(); i++) {
      String split = i % 10 == 0 ? "val" : i % 10 == 1 ? "test" : "train";
      csv.append("s%d,%s,%d,%s\n".formatted(i, sequences.get(i), i % 7, split));
    }
    return Files.writeString(folder.resolve("data.csv"), csv);
  }

  private Path store(List<String> sequences) {
    List<String> hashes = sequences.stream().map(Sha256::of).toList();
    List<List<String>> plan = new ArrayList<>();
    for (int from = 0; from < SEQUENCES; from += PART) {
      plan.add(hashes.subList(from, from + PART));
    }
    StoreManifest settings =
        StoreManifest.settings(
            "test",
            new StoreManifest.Model("model", null, "ab".repeat(32), Map.of()),
            Molecule.RNA,
            "nucleotide",
            "last",
            Pooling.CODON,
            new StoreManifest.Precisions(DType.FLOAT32, DType.FLOAT32),
            "test",
            1,
            new StoreManifest.LongSequences("truncate", 1024, 0),
            WIDTH,
            4096,
            Optional.empty(),
            new StoreManifest.Input("cd".repeat(32), SEQUENCES));
    Path directory = folder.resolve("store");
    SplittableRandom random = new SplittableRandom(4);
    float[] values = new float[CODONS * WIDTH];
    try (StoreWriter writer = StoreWriter.open(directory, settings, plan)) {
      for (int number = 0; number < plan.size(); number++) {
        try (PartWriter part = writer.part(number, Collections.nCopies(PART, CODONS))) {
          for (int i = 0; i < PART; i++) {
            float shift = random.nextInt(100) / 100f;
            for (int v = 0; v < values.length; v++) {
              values[v] = shift + (v % 97) / 97f;
            }
            part.append(MemorySegment.ofArray(values));
          }
          part.commit();
        }
      }
      writer.finish(
          IntStream.range(0, SEQUENCES)
              .mapToObj(i -> new NamedSequence("s" + i, hashes.get(i)))
              .toList(),
          Map.of());
    }
    return directory;
  }

  private static long bytes(Path store) throws IOException {
    try (var files = Files.list(store)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  /** What another process prints with a heap of this size. */
  private String child(String heap, Path... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "--enable-native-access=ALL-UNNAMED"));
    Optional.ofNullable(System.getProperty("codonfuse.native"))
        .ifPresent(library -> command.add("-Dcodonfuse.native=" + library));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(SmallHeapTraining.class.getName());
    for (Path argument : arguments) {
      command.add(argument.toString());
    }
    Path log = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    boolean ended = process.waitFor(600, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertTrue(ended, () -> "still running");
    String output = Files.readString(log);
    assertEquals(0, process.exitValue(), output);
    return output;
  }

  @Test
  void trainsOnMoreThanMemoryHoldsAsItDoesWithEnoughOfIt() throws Exception {
    List<String> sequences = sequences();
    Path data = data(sequences);
    Path store = store(sequences);
    assertTrue(bytes(store) > 150_000_000);

    String output = child("64m", data, store, folder.resolve("small"));
    SmallHeapTraining.train(data, store, folder.resolve("large"));

    assertTrue(output.contains("heap of at most 64 MiB"), output);
    for (String file : List.of(RunDirectory.MODEL, RunDirectory.METRICS)) {
      assertEquals(
          -1, Files.mismatch(folder.resolve("small/" + file), folder.resolve("large/" + file)));
    }
  }
}

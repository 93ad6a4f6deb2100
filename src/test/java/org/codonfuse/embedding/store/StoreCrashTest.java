package org.codonfuse.embedding.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.weights.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers in processes of their own that come to a sudden end. */
class StoreCrashTest {
  private static final int PARTS = 24;
  private static final int SEQUENCES_PER_PART = 12;
  private static final int KILLS = 6;
  private static final int KILLED = 128 + 9;
  private static final long LONGEST_LIFE_MS = 60;

  /** So that a part is larger than the file size that the full disk allows. */
  private static final StoreManifest SETTINGS =
      Stores.settings(DType.FLOAT16, Pooling.NONE, 1024, Optional.empty());

  @TempDir private Path folder;

  /** Writes what is missing of the store named, slowly. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws InterruptedException {
      System.out.println("begun");
      try (StoreWriter writer = StoreWriter.open(Path.of(args[0]), SETTINGS, plan())) {
        for (int number = 0; number < PARTS; number++) {
          if (!writer.done().get(number)) {
            write(writer, number, Long.parseLong(args[1]));
          }
        }
        writer.finish(input(), Map.of("truncated", 1L));
      } catch (CodonfuseException e) {
        System.out.println(e.getMessage());
        throw e;
      }
    }

    private static void write(StoreWriter writer, int number, long pause)
        throws InterruptedException {
      List<String> hashes = plan().get(number);
      try (PartWriter part =
          writer.part(number, hashes.stream().map(h -> Stores.rows(SETTINGS, h)).toList())) {
        for (String hash : hashes) {
          part.append(Stores.stored(SETTINGS, Stores.values(SETTINGS, hash)));
          Thread.sleep(pause);
        }
        part.commit();
      }
      System.out.println("part");
    }
  }

  private static List<NamedSequence> input() {
    return IntStream.range(0, PARTS * SEQUENCES_PER_PART)
        .mapToObj(i -> new NamedSequence("s" + i, Sha256.of("A" + i)))
        .toList();
  }

  private static List<List<String>> plan() {
    List<String> hashes = input().stream().map(NamedSequence::sha256).toList();
    return IntStream.range(0, PARTS)
        .mapToObj(i -> hashes.subList(i * SEQUENCES_PER_PART, (i + 1) * SEQUENCES_PER_PART))
        .toList();
  }

  private static Process start(Path store, int pause, String... prefix) throws IOException {
    List<String> command = new ArrayList<>(List.of(prefix));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-XX:-UsePerfData", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Writer.class.getName(), store.toString(), String.valueOf(pause)));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder.start();
  }

  private void finishAndCompare(Path store) throws IOException {
    Path whole = folder.resolve("whole");
    Stores.write(whole, SETTINGS, plan(), input());
    Stores.write(store, SETTINGS, plan(), input());
    assertEquals(Stores.content(whole), Stores.content(store));
    assertEquals(PARTS + 3, Stores.content(store).size());
  }

  @Test
  void killedAtRandomTimesItIsTheSameInTheEnd() throws Exception {
    Path store = folder.resolve("store");
    Random random = new Random(7);
    for (int i = 0; i < KILLS; i++) {
      Process process = start(store, 2);
      try (BufferedReader output = process.inputReader()) {
        assertEquals("begun", output.readLine());
        if (i % 4 > 0) {
          // Java is warm then, and the process dies while it writes parts.
          output.readLine();
        }
        Thread.sleep(random.nextLong(LONGEST_LIFE_MS));
        process.destroyForcibly();
      }
      int code = process.waitFor();
      assertTrue(code == KILLED || code == 0, () -> "exit code " + code);
    }
    finishAndCompare(store);
  }

  /** A limit of the size of files stands for the disk. */
  @Test
  void aFullDiskLosesNothing() throws Exception {
    Path store = folder.resolve("store");
    Process process = start(store, 0, "bash", "-c", "ulimit -f 32; exec \"$@\"", "bash");
    try (BufferedReader output = process.inputReader()) {
      assertEquals("begun", output.readLine());
      assertEquals(
          store
              + ": cannot be written (File too large); make it writable, with room, and run the"
              + " same command again, which goes on where it stopped.",
          output.readLine());
    }
    assertEquals(1, process.waitFor());
    assertEquals(Set.of(".lock", "manifest.json"), Stores.content(store).keySet());
    finishAndCompare(store);
  }
}

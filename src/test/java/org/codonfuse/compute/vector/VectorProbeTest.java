package org.codonfuse.compute.vector;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.codonfuse.compute.ChildProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * In processes of their own, where there is no LibTorch: every reason against the vector backend,
 * the flag that changes it, and what is taken instead.
 */
class VectorProbeTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  @TempDir private Path folder;

  @Test
  void withTheModuleItIsTakenBeforeTheScalarBackend() throws Exception {
    String output = probe(MODULE);
    assertTrue(output.contains("available: Vector API "), output);
    assertTrue(output.contains("Backend vector: Vector API "), output);
    assertTrue(output.contains(" bits, cpu, 2 threads"), output);
    // Where LibTorch is preferred, it is rejected first; where it is not, it is not asked.
    assertFalse(output.contains("not vector"), output);
  }

  @Test
  void withoutTheModuleNoClassOfItIsLoaded() throws Exception {
    Path log = folder.resolve("classes.txt");
    refused(
        probe("-Xlog:class+load:file=" + log),
        "Java was started without the module jdk.incubator.vector",
        "start it with --add-modules jdk.incubator.vector");
    String classes = Files.readString(log, StandardCharsets.UTF_8);
    assertTrue(classes.contains(" org.codonfuse.compute.vector.VectorProvider "));
    assertFalse(classes.contains(" jdk.incubator.vector."));
  }

  @Test
  void anInterpreterIsTooSlow() throws Exception {
    refused(probe(MODULE, "-Xint"), "Java only interprets", "start it without -Xint");
  }

  @Test
  void withoutC2ItIsTooSlow() throws Exception {
    refused(
        probe(MODULE, "-XX:TieredStopAtLevel=1"),
        "Java was started without its C2 compiler",
        "start it without -XX:TieredStopAtLevel=1");
  }

  @Test
  void withoutVectorsInC2ItIsTooSlow() throws Exception {
    refused(
        probe(MODULE, "-XX:+UnlockExperimentalVMOptions", "-XX:-EnableVectorSupport"),
        "C2 was told not to know vectors",
        "start Java without -XX:-EnableVectorSupport");
  }

  @Test
  void anUnknownWidthNamesTheProperty() throws Exception {
    refused(
        probe(MODULE, "-Dcodonfuse.vector.bits=100"),
        "codonfuse.vector.bits is '100'",
        "set it to 128, 256 or 512, or leave it out");
  }

  @Test
  void aForcedWidthIsUsed() throws Exception {
    String output = probe(MODULE, "-Dcodonfuse.vector.bits=128");
    assertTrue(output.contains("Backend vector: Vector API 128 bits, cpu"), output);
  }

  /** The probe says why, and so does the line about what is chosen in its place. */
  private static void refused(String output, String cause, String remedy) {
    assertTrue(output.contains("unavailable: " + cause + " | " + remedy + "\n"), output);
    assertTrue(output.contains("Backend scalar: "), output);
    assertTrue(output.contains("; not vector (cpu): " + cause + " (" + remedy + ")"), output);
    assertTrue(output.contains("; not torch (cpu): "), output);
  }

  /** What {@link VectorProbeMain} prints. */
  private String probe(String... flags) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(flags));
    all.add("--enable-native-access=ALL-UNNAMED");
    all.add("-Dcodonfuse.native=" + folder);
    return ChildProcess.java(folder, all, VectorProbeMain.class);
  }
}

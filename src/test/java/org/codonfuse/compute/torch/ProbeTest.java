package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.codonfuse.compute.ChildProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In processes of their own: every way in which the library can be unusable, and its remedy. */
class ProbeTest {
  private static final String NATIVE = "--enable-native-access=ALL-UNNAMED";

  @TempDir private Path folder;

  @Test
  void deniedNativeAccessNamesTheFlag() throws Exception {
    String output = probe("cpu", "--illegal-native-access=deny");
    assertTrue(output.contains("may not call native code"), output);
    assertTrue(output.contains("--enable-native-access=ALL-UNNAMED"), output);
  }

  @Test
  void anAbsentLibraryNamesThePlaceAndTheBuild() throws Exception {
    String output = probe("cpu", NATIVE, "-Dcodonfuse.native=" + folder);
    assertTrue(output.contains(folder + ", where there is no libcodonfuse.so"), output);
    assertTrue(output.contains("build it with mvn package"), output);
  }

  @Test
  void aCorruptLibraryIsToBeDeleted() throws Exception {
    byte[] noise = new byte[4096];
    new Random(1).nextBytes(noise);
    Path file = Files.write(folder.resolve("libcodonfuse.so"), noise);
    String output = probe("cpu", NATIVE, "-Dcodonfuse.native=" + file);
    assertTrue(output.contains(file + " is corrupt"), output);
    assertTrue(output.contains("delete the file"), output);

    noise[0] = 0x7f;
    noise[1] = 'E';
    noise[2] = 'L';
    noise[3] = 'F';
    Files.write(file, noise);
    assertTrue(
        probe("cpu", NATIVE, "-Dcodonfuse.native=" + file).contains(file + " does not load: "));
  }

  @Test
  void anotherLibraryIsRecognised() throws Exception {
    Path other = Path.of(System.getProperty("java.home"), "lib", "libjsig.so");
    assumeTrue(Files.exists(other), "this JDK has no libjsig.so");
    String output = probe("cpu", NATIVE, "-Dcodonfuse.native=" + other);
    assertTrue(output.contains(other + " is not the library of Codonfuse"), output);
  }

  @Test
  void anotherAbiVersionAsksForARebuild() throws Exception {
    Path file = compile("libcodonfuse.so", "int cf_abi_version(void) { return 999; }");
    String output = probe("cpu", NATIVE, "-Dcodonfuse.native=" + file);
    assertTrue(output.contains("has ABI version 999 instead of "), output);
    assertTrue(output.contains("mvn package"), output);
  }

  @Test
  void anUnsupportedLibTorchIsNamed() throws Exception {
    Path file =
        compile(
            "libcodonfuse.so",
            """
            #include "codonfuse.h"
            int32_t cf_abi_version(void) { return CF_ABI_VERSION; }
            const char *cf_libtorch_version(void) { return "2.8.1"; }
            """);
    String output = probe("cpu", NATIVE, "-Dcodonfuse.native=" + file);
    assertTrue(output.contains("LibTorch 2.8.1 is not one of 2.9 to 2.13"), output);
    assertTrue(output.contains("LIBTORCH_HOME"), output);
  }

  @Test
  void aRemovedLibTorchIsNamed() throws Exception {
    Path torch = compile("libtorch_of_another_place.so", "int torch(void) { return 1; }");
    Path file =
        compile(
            "libcodonfuse.so",
            "int torch(void); int cf_abi_version(void) { return torch(); }",
            torch.toString());
    Files.delete(torch);
    String output = probe("cpu", NATIVE, "-Dcodonfuse.native=" + file);
    assertTrue(output.contains("libtorch_of_another_place.so"), output);
    assertTrue(output.contains("LibTorch was moved or removed"), output);
  }

  /** What {@link ProbeMain} prints. */
  private String probe(String device, String... flags) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1"));
    all.addAll(List.of(flags));
    String output = ChildProcess.java(folder, all, ProbeMain.class, device);
    assertTrue(output.contains("unavailable: "), output);
    return output;
  }

  private Path compile(String name, String source, String... libraries)
      throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "no C compiler to make a library with");
    Path file = folder.resolve(name);
    List<String> command = new ArrayList<>(List.of("/usr/bin/cc", "-shared", "-fPIC", "-o"));
    command.add(file.toString());
    command.add("-I" + Path.of("native/include").toAbsolutePath());
    command.add(Files.writeString(folder.resolve(name + ".c"), source + "\n").toString());
    command.addAll(List.of(libraries));
    ChildProcess.run(folder, command);
    return file;
  }
}

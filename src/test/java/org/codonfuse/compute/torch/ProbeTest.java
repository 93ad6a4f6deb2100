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

  /** A library over a LibTorch for CUDA that finds no device. */
  private Path withCuda(String loaded, Path torch, int devices)
      throws IOException, InterruptedException {
    compile("libtorch_cpu.so", "int torch_cpu(void) { return 1; }");
    Path cuda = compile("libtorch_cuda.so", "int torch_cuda(void) { return 1; }");
    return compile(
        "libcodonfuse.so",
        """
        #include "codonfuse.h"
        int torch_cpu(void), torch_cuda(void);
        int32_t cf_abi_version(void) { return CF_ABI_VERSION + 0 * torch_cpu() * torch_cuda(); }
        const char *cf_libtorch_version(void) { return "2.11.0"; }
        const char *cf_libtorch_option(const char *name) {
          return name[0] == 'T' ? "%s" : "13.0";
        }
        void cf_prepare_exit(void) {}
        cf_status *cf_cuda_device_count(int32_t *count) { *count = %d; return 0; }
        cf_status *cf_cuda_driver(int32_t *version, int32_t *code, int32_t *devices) {
          *version = 12040; *code = 0; *devices = 2; return 0;
        }
        """
            .formatted(loaded, devices),
        torch.toString(),
        cuda.toString());
  }

  @Test
  void aDriverThatIsOlderThanLibTorchIsNamed() throws Exception {
    Path file = withCuda("2.11.0", folder.resolve("libtorch_cpu.so"), 0);
    String output = probe("cuda", NATIVE, "-Dcodonfuse.native=" + file);
    assertTrue(
        output.contains(
            "the NVIDIA driver serves CUDA up to 12.4 and LibTorch 2.11.0 was built for CUDA 13.0"),
        output);
    assertTrue(output.contains("update the driver"), output);
  }

  @Test
  void aDeviceThatIsNotThereIsNamedWithThoseThatAre() throws Exception {
    Path file = withCuda("2.11.0", folder.resolve("libtorch_cpu.so"), 2);
    String output = probe("cuda:7", NATIVE, "-Dcodonfuse.native=" + file);
    assertTrue(output.contains("there is no cuda:7 among 2 CUDA devices"), output);
    assertTrue(output.contains("use --device cuda:0 to cuda:1"), output);
  }

  @Test
  void aLibTorchOfAnotherVersionThanCompiledForIsRefused() throws Exception {
    Path file = withCuda("2.13.0", folder.resolve("libtorch_cpu.so"), 0);
    String output = probe("cpu", NATIVE, "-Dcodonfuse.native=" + file);
    assertTrue(
        output.contains(
            file + " was built with LibTorch 2.11.0 and LibTorch 2.13.0 from " + folder),
        output);
    assertTrue(output.contains("LD_LIBRARY_PATH"), output);
  }

  @Test
  void partsOfTwoLibTorchsAreRefused() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    compile("other/libtorch_cpu.so", "int torch_cpu(void) { return 1; }");
    Path file = withCuda("2.11.0", other.resolve("libtorch_cpu.so"), 0);
    String output = probe("cpu", NATIVE, "-Dcodonfuse.native=" + file);
    assertTrue(
        output.contains(
            "parts of LibTorch are loaded from several folders, [" + folder + ", " + other + "]"),
        output);
  }

  @Test
  void aLibTorchThatLacksWhatItWasBuiltWithIsRefused() throws Exception {
    Path file =
        compile(
            "libcodonfuse.so",
            "extern int of_another_version[]; int *cf_abi_version(void) { return"
                + " of_another_version; }");
    String output = probe("cpu", NATIVE, "-Dcodonfuse.native=" + file);
    assertTrue(output.contains("undefined symbol: of_another_version"), output);
    assertTrue(output.contains("is another than it was built with"), output);
  }

  @Test
  void theDriverIsAsked() throws Exception {
    assumeTrue(TorchLibrary.refusal().isEmpty(), "no LibTorch");
    String source =
        "int cuDriverGetVersion(int *v) { *v = 12020; return 0; }"
            + " int cuInit(unsigned flags) { return flags == 0 ? 803 : 1; }";
    compile("libcuda.so.1", source);
    List<String> command =
        List.of(
            "/usr/bin/env",
            "LD_LIBRARY_PATH=" + folder,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            NATIVE,
            "-Dcodonfuse.native=" + TorchLibrary.describe().orElseThrow().library(),
            "-cp",
            System.getProperty("java.class.path"),
            ProbeMain.class.getName(),
            "facts");
    String output = ChildProcess.run(folder, command);
    assertTrue(output.contains("Driver[version=12020, code=803, devices=0]"), output);
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

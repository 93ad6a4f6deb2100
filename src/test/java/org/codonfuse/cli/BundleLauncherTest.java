package org.codonfuse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher of a bundle, with a Java that prints what it was started with. */
@EnabledOnOs(OS.LINUX)
class BundleLauncherTest {
  @TempDir private Path folder;

  private Path bundle;

  @BeforeEach
  void makeBundle() throws IOException {
    bundle = folder.toRealPath().resolve("a place").resolve("bundle");
    copy(Path.of("packaging/codonfuse"), "bin/codonfuse");
    copy(Path.of("scripts/start-java.sh"), "scripts/start-java.sh");
    copy(Path.of("scripts/native-builds.sh"), "scripts/native-builds.sh");
    write("codonfuse.jar", "");
    write("runtime/release", "JAVA_VERSION=\"25\"\n");
    write(
        "runtime/bin/java",
        "#!/bin/bash\nprintf '%s\\n' \"$@\" \"native=${CODONFUSE_NATIVE:-}\" \"locale=$LC_ALL\"\n");
    assertTrue(bundle.resolve("runtime/bin/java").toFile().setExecutable(true));
    write("startup-plain-25.aot", "");
    write("startup-work-25.aot", "");
    write("version", "1+abc\n");
  }

  @Test
  void nothingOfTheEnvironmentIsNeeded() throws IOException, InterruptedException {
    Answer answer = run(Map.of("PATH", "/nonexistent"), "embed", "--model", "a b");

    assertEquals(0, answer.code, answer.output);
    List<String> lines = answer.output.lines().toList();
    assertTrue(lines.containsAll(List.of("embed", "--model", "a b")), answer.output);
    assertTrue(lines.contains(bundle.resolve("codonfuse.jar").toString()), answer.output);
    assertTrue(lines.contains("jdk.incubator.vector"), answer.output);
    assertTrue(
        lines.contains("-Dcodonfuse.build=" + bundle + "/bin/codonfuse build-native"),
        answer.output);
    assertTrue(lines.contains("native="), answer.output);
    assertTrue(lines.contains("locale=C.UTF-8"), answer.output);
  }

  @Test
  void helpNeedsNoModuleOfVectors() throws IOException, InterruptedException {
    Answer answer = run(Map.of(), "embed", "--help");

    assertFalse(answer.output.contains("jdk.incubator.vector"), answer.output);
    assertTrue(answer.output.contains("TieredStopAtLevel"), answer.output);
  }

  @Test
  void linksAreFollowed() throws IOException, InterruptedException {
    Path first = Files.createSymbolicLink(folder.resolve("one"), bundle.resolve("bin/codonfuse"));
    Path second = Files.createSymbolicLink(folder.resolve("two"), Path.of("one"));

    assertEquals(0, run(second, Map.of(), "doctor").code);
    assertEquals(0, run(first, Map.of(), "doctor").code);
  }

  @Test
  void whatIsMissingIsNamed() throws IOException, InterruptedException {
    Files.delete(bundle.resolve("version"));

    Answer answer = run(Map.of(), "doctor");

    assertEquals(1, answer.code);
    assertEquals(
        "codonfuse: the bundle in %s is not whole: version is missing; unpack its archive again.%n"
            .formatted(bundle),
        answer.output);
  }

  @Test
  void theIncludedLibraryIsTakenWithItsLibTorchUnlessSwitchedOffOrAnotherIsNamed()
      throws IOException, InterruptedException {
    write("native/prebuilt/libcodonfuse.so", "");
    assertEquals("native=", nativeLine(Map.of()));

    write("libtorch/lib/libtorch_cpu.so", "");
    assertEquals("native=" + bundle.resolve("native/prebuilt"), nativeLine(Map.of()));
    assertEquals("native=", nativeLine(Map.of("CODONFUSE_LIBTORCH", "off")));
    assertEquals("native=/mine.so", nativeLine(Map.of("CODONFUSE_NATIVE", "/mine.so")));
  }

  @Test
  void aBuildIsFoundAgainByItsLibTorch() throws IOException, InterruptedException {
    write("libtorch/lib/libtorch_cpu.so", "");
    write("native/prebuilt/libcodonfuse.so", "");
    Map<String, String> environment =
        Map.of("LIBTORCH_HOME", "/opt/libtorch", "PATH", "/usr/bin:/bin");
    ProcessBuilder builder =
        new ProcessBuilder(
            "/bin/bash", "-c", "source scripts/native-builds.sh; new_native_build \"$PWD\"");
    builder.directory(bundle.toFile()).environment().clear();
    builder.environment().putAll(environment);
    Path built = Path.of(output(builder.start()).output.strip());
    Files.writeString(built.resolve("libcodonfuse.so"), "");

    assertEquals("native=" + built, nativeLine(environment));
    assertEquals("native=" + bundle.resolve("native/prebuilt"), nativeLine(Map.of()));
  }

  private String nativeLine(Map<String, String> environment)
      throws IOException, InterruptedException {
    Answer answer = run(environment, "doctor");
    return answer
        .output
        .lines()
        .filter(line -> line.startsWith("native="))
        .findFirst()
        .orElse(answer.output);
  }

  private Answer run(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    return run(bundle.resolve("bin/codonfuse"), environment, arguments);
  }

  private static Answer run(Path launcher, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("/bin/bash", launcher.toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().clear();
    builder.environment().putAll(environment);
    return output(builder.redirectErrorStream(true).start());
  }

  private static Answer output(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    return new Answer(process.exitValue(), output);
  }

  private void copy(Path file, String name) throws IOException {
    write(name, Files.readString(file));
  }

  private void write(String name, String text) throws IOException {
    Path file = bundle.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private record Answer(int code, String output) {}
}

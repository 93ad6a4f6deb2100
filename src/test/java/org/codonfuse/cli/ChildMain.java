package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.codonfuse.cli.RunCommandsFixture.Said;

/**
 * The command line in a process of its own, whose words lie in a folder.
 *
 * @param flags of its virtual machine, and of those that it starts
 */
record ChildMain(Path folder, List<String> flags) {
  /** What takes half the time where LibTorch computes, and rules out the backend of vectors. */
  static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1");

  private static final int SECONDS = 120;

  ChildMain(Path folder) {
    this(folder, List.of());
  }

  Process start(Map<String, String> environment, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(flags);
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder
        .redirectOutput(folder.resolve("out.txt").toFile())
        .redirectError(folder.resolve("err.txt").toFile())
        .start();
  }

  /** Waits for its end. */
  Said end(Process process) throws IOException, InterruptedException {
    boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    String err = Files.readString(folder.resolve("err.txt"));
    assertTrue(ended, err);
    return new Said(process.exitValue(), Files.readString(folder.resolve("out.txt")), err);
  }

  /** Starts a command in several processes. */
  Process launching(int count, List<String> arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("launch", "-n", Integer.toString(count), "--"));
    all.addAll(arguments);
    return start(Map.of(), all);
  }

  Said launch(int count, List<String> arguments) throws IOException, InterruptedException {
    return end(launching(count, arguments));
  }
}

package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Processes of their own, for what flags and environments change. */
public final class ChildProcess {
  private static final int SECONDS = 120;

  private ChildProcess() {}

  /**
   * What a main class of the tests prints in a Java process that must end normally.
   *
   * @param folder for the output
   * @param flags of the virtual machine
   */
  public static String java(Path folder, List<String> flags, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xshare:auto");
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return run(folder, command);
  }

  /** What a command that must succeed prints. */
  public static String run(Path folder, List<String> command)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    builder.environment().remove("CODONFUSE_NATIVE");
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.start();
    boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    String output = Files.readString(log, StandardCharsets.UTF_8);
    assertTrue(ended, "still running: " + output);
    assertEquals(0, process.exitValue(), output);
    return output;
  }
}

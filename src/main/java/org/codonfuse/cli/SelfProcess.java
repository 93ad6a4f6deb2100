package org.codonfuse.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This program again, in another process. */
final class SelfProcess {
  /** Of the memory of a machine, for the heaps of all: LibTorch needs the other half. */
  private static final double MEMORY = 50.0;

  private SelfProcess() {}

  /**
   * How to start it: with the flags of this virtual machine.
   *
   * @param count how many there will be, which share the memory
   * @param arguments of the command line
   */
  static List<String> command(int count, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-agentlib"))
        .forEach(command::add);
    command.add("-XX:MaxRAMPercentage=" + MEMORY / count);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(arguments);
    return command;
  }

  /** Ends this process when the one that started it, which holds its standard input, ends. */
  static void endWithParent() {
    Thread.ofPlatform()
        .daemon()
        .name("codonfuse-parent")
        .start(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException _) {
                // As good as its end.
              }
              System.exit(1);
            });
  }

  /** Whether a line on standard error is what every virtual machine says. */
  static boolean isOfVirtualMachine(String line) {
    return line.startsWith("WARNING: Using incubator modules");
  }
}

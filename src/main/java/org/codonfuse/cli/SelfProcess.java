package org.codonfuse.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This program again, in another process. */
final class SelfProcess {
  /** Of the memory of a machine, for the heaps of all: LibTorch needs the other half. */
  private static final double MEMORY = 50.0;

  private static final String WARNING = "WARNING: Using incubator modules";

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
    return line.startsWith(WARNING);
  }

  /** Copies standard error as it comes, without what every virtual machine says first. */
  static void copyErrors(InputStream in, OutputStream out) throws IOException {
    int same = 0;
    int next = in.read();
    while (same < WARNING.length() && next == WARNING.charAt(same)) {
      same++;
      next = in.read();
    }
    if (same == WARNING.length()) {
      while (next >= 0 && next != '\n') {
        next = in.read();
      }
    } else {
      out.write(WARNING.getBytes(US_ASCII), 0, same);
      if (next >= 0) {
        out.write(next);
      }
    }
    in.transferTo(out);
  }
}

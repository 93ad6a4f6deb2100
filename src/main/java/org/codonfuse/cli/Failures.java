package org.codonfuse.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.training.TrainingStopped;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one sentence on standard error and an exit code. */
final class Failures {
  private final PrintStream err;
  private final boolean stackTraces;
  private final BiPredicate<Throwable, String> tells;

  Failures(PrintStream err, boolean stackTraces) {
    this(err, stackTraces, (_, _) -> true);
  }

  /**
   * @param tells whether to say a message, which another process may say as well
   */
  Failures(PrintStream err, boolean stackTraces, BiPredicate<Throwable, String> tells) {
    this.err = err;
    this.stackTraces = stackTraces;
    this.tells = tells;
  }

  /** A command line that cannot be parsed. */
  int usage(ParameterException e, String[] args) {
    return usage(e, message(e), e.getCommandLine());
  }

  /** A command that failed. */
  int report(Throwable e, CommandLine commandLine) {
    return e instanceof UsageException ? usage(e, e.getMessage(), commandLine) : report(e);
  }

  /** A failure that belongs to no command, or whose command is of no help. */
  int report(Throwable e) {
    return print(
        e,
        switch (e) {
          case CodonfuseException _ -> e.getMessage();
          case UncheckedIOException unchecked -> message(unchecked.getCause());
          case IOException io -> message(io);
          case OutOfMemoryError _ -> outOfMemory(e);
          case InternalError error when isFault(error) ->
              "a file that was being read (weights or a store) became shorter, or its disk failed;"
                  + " check them with 'codonfuse store verify' or 'codonfuse models verify'.";
          default ->
              "unexpected failure: "
                  + e
                  + "; "
                  + (stackTraces
                      ? "please report it with the stack trace above"
                      : "run again with --verbose for the stack trace and report it");
        },
        e instanceof TrainingStopped ? StopSignals.EXIT_CODE : CommandLine.ExitCode.SOFTWARE);
  }

  private int usage(Throwable e, String message, CommandLine commandLine) {
    String command = commandLine.getCommandSpec().qualifiedName();
    return print(
        e,
        withoutFullStop(message) + "; see '" + command + " --help'.",
        CommandLine.ExitCode.USAGE);
  }

  private int print(Throwable e, String message, int code) {
    if (stackTraces) {
      e.printStackTrace(err);
    }
    String line = message.strip().replaceAll("\\s*\\R\\s*", " ");
    if (tells.test(e, line)) {
      err.println("codonfuse: " + line);
      err.flush();
    }
    return code;
  }

  private static String message(ParameterException e) {
    if (e instanceof MissingParameterException) {
      // A misspelled option is why it is missing, and what Picocli would not say.
      List<String> unmatched = e.getCommandLine().getUnmatchedArguments();
      if (!unmatched.isEmpty() && unmatched.getFirst().startsWith("-")) {
        return message(new UnmatchedArgumentException(e.getCommandLine(), unmatched));
      }
    }
    if (!(e instanceof UnmatchedArgumentException unmatched)
        || unmatched.getUnmatched().isEmpty()) {
      return e.getMessage();
    }
    String argument = unmatched.getUnmatched().getFirst();
    boolean command =
        e.getCommandLine().getParent() == null && !unmatched.isUnknownOption() && isWord(argument);
    String what =
        unmatched.isUnknownOption()
            ? "Unknown option '"
            : command ? "Unknown command '" : "Unexpected argument '";
    List<String> suggestions =
        unmatched.getSuggestions().stream()
            // Picocli lists "command option" for subcommands too.
            .map(suggestion -> suggestion.substring(suggestion.lastIndexOf(' ') + 1))
            .distinct()
            .limit(1)
            .toList();
    return what
        + argument
        + "'"
        + (suggestions.isEmpty() ? "" : " (did you mean " + suggestions.getFirst() + "?)");
  }

  private static boolean isWord(String argument) {
    return !argument.isEmpty() && Character.isLetter(argument.charAt(0));
  }

  private static String message(IOException e) {
    return e instanceof FileSystemException file && file.getFile() != null
        ? file.getFile() + ": " + AtomicFiles.reason(e)
        : "input or output failed: " + AtomicFiles.reason(e);
  }

  /** How the JVM reports pages of a mapped file that are not there any more. */
  private static boolean isFault(InternalError e) {
    return e.getMessage() != null && e.getMessage().startsWith("a fault occurred");
  }

  private static String outOfMemory(Throwable e) {
    return String.format(
        Locale.ROOT,
        "out of memory (%s) with a heap of %.1f GiB; use a smaller --batch, or raise it with"
            + " CODONFUSE_JAVA_OPTIONS=-Xmx16g.",
        e.getMessage(),
        Runtime.getRuntime().maxMemory() / (double) (1L << 30));
  }

  private static String withoutFullStop(String message) {
    return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }
}

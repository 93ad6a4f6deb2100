package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class FailuresTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "docto | Unknown command 'docto' (did you mean doctor?); see 'codonfuse --help'.",
        "--jsn | Unknown option '--jsn'; see 'codonfuse --help'.",
        "doctor --jsn | Unknown option '--jsn' (did you mean --json?); see 'codonfuse doctor"
            + " --help'.",
        "doctor x | Unexpected argument 'x'; see 'codonfuse doctor --help'.",
        "doctor -q -v | --quiet and --verbose exclude each other; see 'codonfuse doctor --help'."
      })
  void aWrongCommandLineIsOneSentenceWithAHint(String arguments, String message) {
    int code = run(arguments.split(" ", -1));

    assertEquals("codonfuse: " + message, lastErrorLine());
    assertEquals(2, code);
    assertEquals("", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void noCommandIsAWrongCommandLine() {
    assertEquals(2, run());
    assertEquals("codonfuse: Name a command; see 'codonfuse --help'.", lastErrorLine());
  }

  @Test
  void aUserErrorIsItsMessageWithoutStackTrace() {
    int code = failures(false).report(new CodonfuseException("a.csv:3: 'x' is not a number."));

    assertEquals(1, code);
    assertEquals("codonfuse: a.csv:3: 'x' is not a number." + System.lineSeparator(), errors());
  }

  @Test
  void aMappedFileThatBecameShorterIsASentence() {
    int code =
        failures(false)
            .report(new InternalError("a fault occurred in an unsafe memory access operation"));

    assertEquals(1, code);
    assertTrue(errors().startsWith("codonfuse: a file that was being read "), errors());
  }

  @Test
  void aUsageErrorOfACommandNamesItsHelp() {
    int code = failures(false).report(new UsageException("Give a file."), doctor());

    assertEquals(2, code);
    assertEquals("codonfuse: Give a file; see 'doctor --help'.", lastErrorLine());
  }

  @Test
  void verboseShowsTheStackTraceBeforeTheSentence() {
    failures(true).report(new CodonfuseException("It failed.", new IllegalStateException("why")));

    assertTrue(errors().contains("Caused by: java.lang.IllegalStateException: why"), errors());
    assertEquals("codonfuse: It failed.", lastErrorLine());
  }

  @Test
  void anUnexpectedFailureSaysHowToReportIt() {
    assertEquals(1, failures(false).report(new IllegalStateException("surprise\nin two lines")));
    assertEquals(
        "codonfuse: unexpected failure: java.lang.IllegalStateException: surprise in two lines; run"
            + " again with --verbose for the stack trace and report it",
        lastErrorLine());
  }

  @Test
  void aFileFailureNamesTheFileAndTheReason() {
    assertEquals(
        1,
        failures(false).report(new UncheckedIOException(new NoSuchFileException("/data/a.csv"))));
    assertEquals("codonfuse: /data/a.csv: no such file or directory", lastErrorLine());
  }

  @Test
  void exhaustedMemoryNamesTheRemedy() {
    assertEquals(1, failures(false).report(new OutOfMemoryError("Java heap space")));
    assertTrue(lastErrorLine().startsWith("codonfuse: out of memory (Java heap space)"));
    assertTrue(lastErrorLine().contains("CODONFUSE_JAVA_OPTIONS=-Xmx"));
  }

  private int run(String... arguments) {
    return Main.execute(printer(out), printer(err), arguments);
  }

  private Failures failures(boolean stackTraces) {
    return new Failures(printer(err), stackTraces);
  }

  private static CommandLine doctor() {
    return new CommandLine(new DoctorCommand());
  }

  private static PrintStream printer(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private String lastErrorLine() {
    return errors().lines().reduce("", (_, line) -> line);
  }
}

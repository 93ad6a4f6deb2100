package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StandardOutputTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void whatIsWrittenArrives() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StandardOutput output = new StandardOutput(bytes);
    output.printer().print("Spearman");

    assertEquals(0, output.finish(0, printer()));
    assertEquals("Spearman", bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aFullDiskIsAFailure() {
    assertEquals(1, codeAfterFailure("No space left on device"));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("(No space left on device)"));
  }

  @Test
  void aReaderThatStoppedReadingIsNone() {
    assertEquals(0, codeAfterFailure("Broken pipe"));
    assertEquals("", err.toString(StandardCharsets.UTF_8));
  }

  private int codeAfterFailure(String message) {
    StandardOutput output =
        new StandardOutput(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException(message);
              }
            });
    PrintStream printer = output.printer();
    printer.println("results");
    printer.flush();
    return output.finish(0, printer());
  }

  private PrintStream printer() {
    return new PrintStream(err, true, StandardCharsets.UTF_8);
  }
}

package org.codonfuse.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Standard output whose failures are seen: {@link PrintStream} swallows them, and results that a
 * full disk cut short must not look complete. A reader that stopped reading is no failure.
 */
final class StandardOutput extends FilterOutputStream {
  private IOException failure;

  StandardOutput(OutputStream out) {
    super(out);
  }

  static StandardOutput create() {
    return new StandardOutput(
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 13));
  }

  /** A stream on this one, in the terminal's encoding. */
  PrintStream printer() {
    return new PrintStream(this, false, System.out.charset());
  }

  /**
   * The exit code of a run whose results went here.
   *
   * @param code the exit code of the command itself
   */
  int finish(int code, PrintStream err) {
    try {
      flush();
    } catch (IOException e) {
      // Recorded.
    }
    if (failure == null || readerIsGone(failure)) {
      return code;
    }
    err.println("codonfuse: standard output cannot be written (" + failure.getMessage() + ").");
    return code == 0 ? 1 : code;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw record(e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw record(e);
    }
  }

  private IOException record(IOException e) {
    if (failure == null) {
      failure = e;
    }
    return e;
  }

  private static boolean readerIsGone(IOException e) {
    return e.getMessage() != null && e.getMessage().toLowerCase(Locale.ROOT).contains("pipe");
  }
}

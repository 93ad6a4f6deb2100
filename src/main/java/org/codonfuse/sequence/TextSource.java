package org.codonfuse.sequence;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/** A UTF-8 text file, plain or gzip (told by its first bytes, not by its name), without its BOM. */
final class TextSource implements AutoCloseable {
  private static final int LOOKAHEAD = 1 << 16;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final Path path;
  private final BufferedReader reader;

  private TextSource(Path path, BufferedReader reader) {
    this.path = path;
    this.reader = reader;
  }

  /**
   * @throws CodonfuseException if it cannot be read or is no text
   */
  static TextSource open(Path path) {
    InputStream file = null;
    try {
      file = Files.newInputStream(path);
      var decoder =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT);
      var reader =
          new BufferedReader(new InputStreamReader(unpack(path, file), decoder), LOOKAHEAD);
      var source = new TextSource(path, reader);
      if (source.peek().startsWith(String.valueOf(BYTE_ORDER_MARK))) {
        reader.skip(1);
      }
      if (source.peek().indexOf('\0') >= 0) {
        throw new CodonfuseException(
            path + ": is a binary file; give text in UTF-8, plain or gzip.");
      }
      file = null;
      return source;
    } catch (IOException e) {
      throw failure(path, e);
    } finally {
      close(file);
    }
  }

  private static InputStream unpack(Path path, InputStream file) throws IOException {
    var in = new BufferedInputStream(file, 1 << 16);
    in.mark(4);
    byte[] magic = in.readNBytes(4);
    in.reset();
    if (magic.length == 4 && magic[0] == 'P' && magic[1] == 'K' && magic[2] < 9 && magic[3] < 9) {
      throw new CodonfuseException(
          path + ": is an Excel workbook or a zip archive; save it as CSV, or unpack it.");
    }
    boolean gzip = magic.length >= 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b;
    return gzip ? new GZIPInputStream(in, 1 << 16) : in;
  }

  private static void close(InputStream file) {
    if (file != null) {
      try {
        file.close();
      } catch (IOException ignored) {
        // Only read from, and its own failure is already on its way.
      }
    }
  }

  Path path() {
    return path;
  }

  BufferedReader reader() {
    return reader;
  }

  /** The next characters, at most 65,536, without consuming them. */
  String peek() throws IOException {
    reader.mark(LOOKAHEAD);
    char[] buffer = new char[LOOKAHEAD];
    int length = 0;
    while (length < LOOKAHEAD) {
      int read = reader.read(buffer, length, LOOKAHEAD - length);
      if (read < 0) {
        break;
      }
      length += read;
    }
    reader.reset();
    return new String(buffer, 0, length);
  }

  /** An I/O failure of reading {@code path} in words. */
  static CodonfuseException failure(Path path, IOException e) {
    String message =
        switch (e) {
          case CharacterCodingException _ -> "is not text in UTF-8; save it as UTF-8.";
          case ZipException _ -> "is a broken gzip file; get it again.";
          case EOFException _ -> "is a truncated gzip file; get it again.";
          default -> "cannot be read (" + AtomicFiles.reason(e) + "); check the path.";
        };
    return new CodonfuseException(path + ": " + message, e);
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw failure(path, e);
    }
  }
}

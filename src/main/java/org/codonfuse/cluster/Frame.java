package org.codonfuse.cluster;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * What processes send one another.
 *
 * @param body as its kind says
 */
record Frame(Kind kind, byte[] body) {
  enum Kind {
    /** To rank 0: a {@link Hello}. */
    HELLO('h'),
    /** From rank 0, to who belongs here: its {@link Member}. */
    WELCOME('w'),
    /** From rank 0, to who does not: why not. */
    REFUSAL('r'),
    /** From rank 0: everybody is there. */
    START('s'),
    /** Somebody is alive. */
    BEAT('b'),
    /** To rank 0: a share of an exchange. */
    SHARE('p'),
    /** From rank 0: all shares of an exchange. */
    SHARES('a'),
    /** To rank 0: this rank fails, and why, as a {@link Verdict} has it. */
    FAILURE('f'),
    /** From rank 0: a {@link Verdict}. */
    VERDICT('v'),
    /** What ends now is no failure. */
    GOODBYE('g'),
    /** The answer to a goodbye: everything before it was read. */
    FAREWELL('l'),
    /** Not sent: nothing follows. */
    END('e');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }

    static Optional<Kind> of(int letter) {
      return Arrays.stream(values()).filter(kind -> kind.letter == letter).findFirst();
    }
  }

  /** Fills a body. */
  interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  static Frame of(Kind kind) {
    return new Frame(kind, new byte[0]);
  }

  static Frame of(Kind kind, Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      body.write(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Frame(kind, bytes.toByteArray());
  }

  /**
   * Reads one.
   *
   * @param longest body to accept
   * @throws IOException at the end of the stream or if there is something else
   */
  static Frame read(DataInputStream in, int longest) throws IOException {
    int length = in.readInt();
    Optional<Kind> kind = Kind.of(in.readUnsignedByte());
    if (length < 0 || length > longest || kind.isEmpty()) {
      throw new IOException("this is no message of Codonfuse");
    }
    byte[] body = new byte[length];
    in.readFully(body);
    return new Frame(kind.get(), body);
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(body.length);
    out.writeByte(kind.letter);
    out.write(body);
  }
}

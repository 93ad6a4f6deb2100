package org.codonfuse.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.codonfuse.CodonfuseException;

/** The bytes of a pickle, read forward; nothing is read or allocated beyond their end. */
final class PickleInput {
  /** Far more than the state dictionary of any model takes. */
  private static final long LONGEST = 16L << 20;

  private static final int LONGEST_TEXT = 1 << 20;
  private static final int LONGEST_GLOBAL = 256;
  // The one number that pickles hold in the order of the network.
  private static final ValueLayout.OfDouble FLOAT64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Path path;
  private final MemorySegment bytes;
  private final long start;
  private long position;
  private long operation;

  /**
   * @param bytes what the pickle lies in; it may end before they do
   * @param start its first byte
   */
  PickleInput(Path path, MemorySegment bytes, long start) {
    this.path = path;
    this.bytes = bytes;
    this.start = start;
    this.position = start;
  }

  /** The byte to be read next. */
  long position() {
    return position;
  }

  PickleOpcode opcode() {
    operation = position;
    int code = unsignedByte();
    PickleOpcode opcode =
        PickleOpcode.of(code)
            .orElseThrow(() -> damaged("holds 0x%02x, which is no instruction".formatted(code)));
    if (!opcode.allowed()) {
      throw refused("holds the instruction " + opcode);
    }
    return opcode;
  }

  int unsignedByte() {
    return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, take(1)));
  }

  int unsignedShort() {
    return Short.toUnsignedInt(bytes.get(LittleEndian.INT16, take(2)));
  }

  int integer() {
    return bytes.get(LittleEndian.INT32, take(4));
  }

  long unsignedInteger() {
    return Integer.toUnsignedLong(integer());
  }

  long longInteger() {
    return bytes.get(LittleEndian.INT64, take(8));
  }

  double floatingPoint() {
    return bytes.get(FLOAT64, take(8));
  }

  byte[] bytes(long count) {
    return bytes.asSlice(take(count), count).toArray(ValueLayout.JAVA_BYTE);
  }

  String text(long count) {
    if (count > LONGEST_TEXT) {
      throw refused("holds a text of " + count + " bytes");
    }
    return decode(bytes(count));
  }

  /** A line of the name of a global, without its end. */
  String line() {
    long from = position;
    while (unsignedByte() != '\n') {
      if (position - from > LONGEST_GLOBAL) {
        throw damaged("holds a global's name without an end");
      }
    }
    long length = position - 1 - from;
    return decode(bytes.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE));
  }

  private String decode(byte[] text) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
    } catch (CharacterCodingException e) {
      throw damaged("holds a text that is not UTF-8");
    }
  }

  private long take(long count) {
    if (count > bytes.byteSize() - position) {
      throw damaged("is cut off");
    }
    if (count > LONGEST - (position - start)) {
      throw refused("is longer than " + LONGEST + " bytes");
    }
    long at = position;
    position += count;
    return at;
  }

  /** For what is well formed and never executed. */
  CodonfuseException refused(String what) {
    return new CodonfuseException(
        "%s: refused, for its pickle %s at byte %d, which no state dictionary needs; ask for the"
                .formatted(path, what, operation - start)
            + " weights as safetensors or as torch.save(model.state_dict(), FILE) writes them.");
  }

  /** For what no pickler writes. */
  CodonfuseException damaged(String what) {
    return SafetensorsHeader.damaged(
        path, "its pickle %s at byte %d".formatted(what, operation - start));
  }
}

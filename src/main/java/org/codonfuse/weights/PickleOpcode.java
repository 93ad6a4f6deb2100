package org.codonfuse.weights;

import java.util.Arrays;
import java.util.Optional;

/**
 * The instructions of Python's pickle format, by the names of its {@code pickletools}. Those that
 * state dictionaries need are allowed; all others are known only to be refused by name.
 */
enum PickleOpcode {
  PROTO(0x80, true),
  FRAME(0x95, true),
  STOP('.', true),
  MARK('(', true),
  NONE('N', true),
  NEWTRUE(0x88, true),
  NEWFALSE(0x89, true),
  BININT('J', true),
  BININT1('K', true),
  BININT2('M', true),
  LONG1(0x8a, true),
  BINFLOAT('G', true),
  BINUNICODE('X', true),
  SHORT_BINUNICODE(0x8c, true),
  SHORT_BINSTRING('U', true),
  EMPTY_LIST(']', true),
  APPEND('a', true),
  APPENDS('e', true),
  EMPTY_TUPLE(')', true),
  TUPLE('t', true),
  TUPLE1(0x85, true),
  TUPLE2(0x86, true),
  TUPLE3(0x87, true),
  EMPTY_DICT('}', true),
  SETITEM('s', true),
  SETITEMS('u', true),
  BINGET('h', true),
  LONG_BINGET('j', true),
  BINPUT('q', true),
  LONG_BINPUT('r', true),
  MEMOIZE(0x94, true),
  GLOBAL('c', true),
  STACK_GLOBAL(0x93, true),
  REDUCE('R', true),
  NEWOBJ(0x81, true),
  BUILD('b', true),
  BINPERSID('Q', true),
  POP('0', false),
  POP_MARK('1', false),
  DUP('2', false),
  FLOAT('F', false),
  INT('I', false),
  LONG('L', false),
  LONG4(0x8b, false),
  PERSID('P', false),
  STRING('S', false),
  BINSTRING('T', false),
  UNICODE('V', false),
  BINUNICODE8(0x8d, false),
  BINBYTES('B', false),
  SHORT_BINBYTES('C', false),
  BINBYTES8(0x8e, false),
  BYTEARRAY8(0x96, false),
  NEXT_BUFFER(0x97, false),
  READONLY_BUFFER(0x98, false),
  EMPTY_SET(0x8f, false),
  ADDITEMS(0x90, false),
  FROZENSET(0x91, false),
  LIST('l', false),
  DICT('d', false),
  GET('g', false),
  PUT('p', false),
  INST('i', false),
  OBJ('o', false),
  NEWOBJ_EX(0x92, false),
  EXT1(0x82, false),
  EXT2(0x83, false),
  EXT4(0x84, false);

  private static final PickleOpcode[] BY_CODE = new PickleOpcode[256];

  static {
    Arrays.stream(values()).forEach(opcode -> BY_CODE[opcode.code] = opcode);
  }

  private final int code;
  private final boolean allowed;

  PickleOpcode(int code, boolean allowed) {
    this.code = code;
    this.allowed = allowed;
  }

  /** Whether state dictionaries need it. */
  boolean allowed() {
    return allowed;
  }

  /**
   * @param code one byte, 0 to 255
   */
  static Optional<PickleOpcode> of(int code) {
    return Optional.ofNullable(BY_CODE[code]);
  }
}

package org.codonfuse.weights;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.weights.PickleValues.Dictionary;
import org.codonfuse.weights.PickleValues.None;
import org.codonfuse.weights.PickleValues.Tuple;

/**
 * The machine of Python's pickle format, protocols 2 to 5, without its power: it builds plain
 * values and describes tensors, and calls nothing. What it may do is {@link PickleOpcode} and
 * {@link TorchGlobal}. Time and memory are linear in the length of the pickle, whose instructions
 * are limited; nesting costs no stack.
 *
 * @see <a href="https://docs.python.org/3/library/pickletools.html">pickletools</a>
 */
final class Pickle {
  /** State dictionaries take some 50 a tensor, and those of any model have fewer than 20,000. */
  private static final int MOST_OPERATIONS = 1 << 20;

  private static final int LAST_PROTOCOL = 5;

  private final PickleInput in;
  private final TorchObjects objects;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();

  private Pickle(PickleInput in, TorchObjects objects) {
    this.in = in;
    this.objects = objects;
  }

  /**
   * Reads one pickle; the input is behind it then.
   *
   * @param objects takes the storages that it mentions
   * @throws CodonfuseException if it is damaged, or does anything that state dictionaries do not
   */
  static Object load(PickleInput in, TorchObjects objects) {
    return new Pickle(in, objects).load();
  }

  private Object load() {
    if (in.opcode() != PickleOpcode.PROTO) {
      throw in.damaged("does not begin with its protocol");
    }
    int protocol = in.unsignedByte();
    if (protocol < 2 || protocol > LAST_PROTOCOL) {
      throw in.refused("has protocol " + protocol);
    }
    for (int i = 1; i < MOST_OPERATIONS; i++) {
      PickleOpcode opcode = in.opcode();
      if (opcode == PickleOpcode.STOP) {
        Object result = pop();
        if (!stack.isEmpty() || !marks.isEmpty()) {
          throw in.damaged("leaves values unused");
        }
        return result;
      }
      execute(opcode);
    }
    throw in.refused("has more than " + MOST_OPERATIONS + " instructions");
  }

  private void execute(PickleOpcode opcode) {
    switch (opcode) {
      case FRAME -> in.longInteger();
      case MARK -> marks.add(stack.size());
      case NONE -> push(None.NONE);
      case NEWTRUE -> push(true);
      case NEWFALSE -> push(false);
      case BININT -> push((long) in.integer());
      case BININT1 -> push((long) in.unsignedByte());
      case BININT2 -> push((long) in.unsignedShort());
      case LONG1 -> push(number(in.bytes(in.unsignedByte())));
      case BINFLOAT -> push(in.floatingPoint());
      case BINUNICODE -> push(in.text(in.unsignedInteger()));
      case SHORT_BINUNICODE, SHORT_BINSTRING -> push(in.text(in.unsignedByte()));
      case EMPTY_LIST -> push(new ArrayList<>());
      case APPEND -> {
        Object item = pop();
        list().add(item);
      }
      case APPENDS -> {
        List<Object> items = popToMark();
        list().addAll(items);
      }
      case EMPTY_TUPLE -> push(new Tuple(List.of()));
      case TUPLE -> push(new Tuple(popToMark()));
      case TUPLE1 -> push(new Tuple(pop(1)));
      case TUPLE2 -> push(new Tuple(pop(2)));
      case TUPLE3 -> push(new Tuple(pop(3)));
      case EMPTY_DICT -> push(new Dictionary(Dictionary.Kind.DICT));
      case SETITEM -> set(pop(2));
      case SETITEMS -> set(popToMark());
      case BINGET -> push(recall(in.unsignedByte()));
      case LONG_BINGET -> push(recall(in.unsignedInteger()));
      case BINPUT -> memo.put((long) in.unsignedByte(), top());
      case LONG_BINPUT -> memo.put(in.unsignedInteger(), top());
      case MEMOIZE -> memo.put((long) memo.size(), top());
      case GLOBAL -> push(global(in.line(), in.line()));
      case STACK_GLOBAL -> {
        List<Object> names = pop(2);
        if (!(names.getFirst() instanceof String module)
            || !(names.getLast() instanceof String name)) {
          throw in.damaged("names a global by something other than text");
        }
        push(global(module, name));
      }
      case REDUCE -> {
        List<Object> call = pop(2);
        push(objects.call(in, call.getFirst(), arguments(call)));
      }
      case NEWOBJ -> {
        List<Object> call = pop(2);
        push(objects.create(in, call.getFirst(), arguments(call)));
      }
      case BUILD -> {
        Object state = pop();
        objects.setState(in, top(), state);
      }
      case BINPERSID -> push(objects.storage(in, pop()));
      case PROTO -> throw in.damaged("states its protocol again");
      default -> throw new AssertionError(opcode);
    }
  }

  private Object number(byte[] littleEndian) {
    if (littleEndian.length == 0) {
      return 0L;
    }
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < bigEndian.length; i++) {
      bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
    }
    BigInteger value = new BigInteger(bigEndian);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private TorchGlobal global(String module, String name) {
    return TorchGlobal.of(module, name)
        .orElseThrow(() -> in.refused("names the global " + Names.quoted(module + "." + name)));
  }

  private List<Object> arguments(List<Object> call) {
    if (!(call.getLast() instanceof Tuple arguments)) {
      throw in.damaged("calls something without a tuple of arguments");
    }
    return arguments.items();
  }

  @SuppressWarnings("unchecked") // All lists are made here, of objects.
  private List<Object> list() {
    if (!(top() instanceof List<?> list)) {
      throw in.damaged("appends to something other than a list");
    }
    return (List<Object>) list;
  }

  private void set(List<Object> keysAndValues) {
    if (!(top() instanceof Dictionary dictionary) || keysAndValues.size() % 2 != 0) {
      throw in.damaged("sets entries of something other than a dictionary, or lacks a value");
    }
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      dictionary.put(keysAndValues.get(i), keysAndValues.get(i + 1));
    }
  }

  private Object recall(long index) {
    Object value = memo.get(index);
    if (value == null) {
      throw in.damaged("recalls value " + index + ", which it never stored");
    }
    return value;
  }

  private void push(Object value) {
    stack.add(value);
  }

  /** The number of values since the last mark, below which nothing may be taken. */
  private int available() {
    return stack.size() - (marks.isEmpty() ? 0 : marks.getLast());
  }

  private Object top() {
    if (available() < 1) {
      throw in.damaged("lacks a value");
    }
    return stack.getLast();
  }

  private Object pop() {
    return pop(1).getFirst();
  }

  private List<Object> pop(int count) {
    if (available() < count) {
      throw in.damaged("lacks a value");
    }
    return take(stack.size() - count);
  }

  private List<Object> popToMark() {
    if (marks.isEmpty()) {
      throw in.damaged("lacks a mark");
    }
    return take(marks.removeLast());
  }

  private List<Object> take(int from) {
    List<Object> top = stack.subList(from, stack.size());
    List<Object> taken = new ArrayList<>(top);
    top.clear();
    return taken;
  }
}

package org.codonfuse.weights;

import static org.codonfuse.weights.TorchBytes.archive;
import static org.codonfuse.weights.TorchBytes.latin;
import static org.codonfuse.weights.TorchBytes.legacy;
import static org.codonfuse.weights.TorchBytes.little;
import static org.codonfuse.weights.TorchBytes.pickle;
import static org.codonfuse.weights.TorchBytes.single;
import static org.codonfuse.weights.TorchBytes.storage;
import static org.codonfuse.weights.TorchBytes.tensor;
import static org.codonfuse.weights.TorchBytes.text;
import static org.codonfuse.weights.TorchBytes.tuple;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** PyTorch files that execute something in Python, exhaust memory, or lie. */
class TorchAttackTest {
  private static final String TENSOR = tensor(storage("0", 2), 0, tuple(2), tuple(1));
  private static final String GOOD = single(TENSOR);
  private static final String ORDERED_DICT = "ccollections\nOrderedDict\n";

  @TempDir Path folder;

  static Stream<Arguments> pickles() {
    return Stream.of(
        global("cos\nsystem\n(" + text("touch /tmp/pwned") + "tR", "os.system"),
        global("cposix\nsystem\n(" + text("id") + "tR", "posix.system"),
        global("cbuiltins\neval\n(" + text("1") + "tR", "builtins.eval"),
        global("c__builtin__\neval\n(" + text("1") + "tR", "__builtin__.eval"),
        global("ctorch.storage\n_load_from_bytes\n(" + text("x") + "tR", "_load_from_bytes"),
        global("ctorch\nload\n(" + text("x") + "tR", "torch.load"),
        global("ctorch\nOrderedDict\n", "torch.OrderedDict"),
        global("ccollections\nOrderedDict.__init__\n", "collections.OrderedDict.__init__"),
        global(text("os") + text("system") + "\u0093", "os.system"),
        attack("an instance", "(" + text("id") + "ios\nsystem\n", "instruction INST"),
        attack("an object", "(" + ORDERED_DICT + "o", "instruction OBJ"),
        attack("an extension", "\u0082\1", "instruction EXT1"),
        attack("a keyword call", ORDERED_DICT + ")}\u0092", "instruction NEWOBJ_EX"),
        attack("a text id", "P0\n", "instruction PERSID"),
        attack("a duplicate", "]" + "2".repeat(10), "instruction DUP"),
        attack("a set", "\u008f", "instruction EMPTY_SET"),
        attack("a decimal number", "I1\n", "instruction INT"),
        attack("a huge number", "\u008b" + little(Integer.MAX_VALUE), "instruction LONG4"),
        attack("a huge text", "X" + little(-1), "a text of 4294967295 bytes"),
        attack("a long text", "X" + little(1 << 19), "cut off"),
        attack("a huge 64-bit text", "\u008d" + little(-1) + little(-1), "BINUNICODE8"),
        attack("an unknown byte", "\u00ff", "0xff"),
        attack("a call of a tuple", "))R", "calls something that is no function"),
        attack("a call of a storage", "ctorch\nFloatStorage\n)R", "calls torch.FloatStorage"),
        attack("a call of a namespace", "cargparse\nNamespace\n)R", "argparse.Namespace"),
        attack("a call with a list", ORDERED_DICT + "]R", "without a tuple of arguments"),
        attack("a filled dictionary", ORDERED_DICT + "])\u0085R".substring(1), "OrderedDict"),
        attack("a new dictionary", ORDERED_DICT + ")\u0081", "creates an object of"),
        attack("a namespace of something", "cargparse\nNamespace\n]\u0085\u0081", "Namespace"),
        attack("a state of a dictionary", "}}b", "sets the state"),
        attack("a state of a list", "]}b", "sets the state"),
        attack("a state of a tensor", TENSOR + "}b", "sets the state"),
        attack("a state of a class", "cargparse\nNamespace\n}b", "sets the state"),
        attack("a state that is a tuple", ORDERED_DICT + ")R)b", "sets the state"),
        attack("a module as storage", "(" + text("module") + "NNNNtQ", "other than a storage"),
        attack(
            "a storage of a function", storage("0", 2).replace("FloatStorage", "Size"), "storage"),
        attack("a negative storage", storage("0", -2), "storage of -2 elements"),
        attack("two sizes of a storage", storage("0", 2) + storage("0", 1), "two types or sizes"),
        attack("an append to nothing", "Na", "appends to something"),
        attack("an entry of a list", "]NNs", "sets entries of something"),
        attack("half an entry", "}(Nu", "lacks a value"),
        attack("a tuple of too little", "\u0087", "lacks a value"),
        attack("a value below a mark", "N(\u0085", "lacks a value"),
        attack("a missing mark", "t", "lacks a mark"),
        attack("an unknown reference", "h\7", "recalls value 7"),
        attack("a second protocol", "\u0080\2", "protocol again"),
        attack("a text that is not UTF-8", "U\1\u00ff", "not UTF-8"),
        attack("an endless global", "c" + "x".repeat(1000), "without an end"));
  }

  private static Arguments global(String body, String name) {
    return attack("the global " + name, body, name);
  }

  private static Arguments attack(String what, String body, String mentioned) {
    return Arguments.of(what, pickle("}" + text("t") + body + "s"), mentioned);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pickles")
  void refusesThePickleByName(String what, String pickle, String mentioned) {
    for (byte[] file : new byte[][] {archive(pickle, 8), legacy(pickle, "]", new byte[0])}) {
      String message = refusal(file);
      assertTrue(message.contains(mentioned), what + ": " + message);
      assertTrue(message.contains(" at byte "), what + ": " + message);
    }
  }

  static Stream<Arguments> tensors() {
    return Stream.of(
        view("beyond its storage", tensor(storage("0", 2), 0, tuple(3), tuple(1)), "outside"),
        view("after an offset", tensor(storage("0", 2), 1, tuple(2), tuple(1)), "outside"),
        view("with a long stride", tensor(storage("0", 2), 0, tuple(2), tuple(2)), "outside"),
        view("with a negative offset", tensor(storage("0", 2), -1, tuple(2), tuple(1)), "outside"),
        view("with a negative stride", tensor(storage("0", 2), 1, tuple(2), tuple(-1)), "from 0"),
        view("with a negative size", tensor(storage("0", 2), 0, tuple(-2), tuple(1)), "from 0"),
        view("with too few strides", tensor(storage("0", 2), 0, tuple(1, 2), tuple(1)), "2 sizes"),
        view(
            "with 65 dimensions",
            tensor(storage("0", 2), 0, tuple(new int[65]), tuple(new int[65])),
            "up to 64"),
        view(
            "with a size that overflows",
            tensor(
                storage("0", 2), 0, tuple(Integer.MAX_VALUE, Integer.MAX_VALUE, 4), tuple(0, 0, 0)),
            "2^63"),
        view(
            "with an empty overflow",
            tensor(
                storage("0", 2),
                0,
                tuple(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, 0),
                tuple(1, 1, 1, 1)),
            "2^63"),
        view("with an offset beyond", tensor(storage("0", 2), 3, tuple(0), tuple(1)), "outside"),
        view("without storage", tensor("N", 0, tuple(2), tuple(1)), "without a storage"),
        view(
            "that repeats one element",
            tensor(storage("0", 2), 0, tuple(1 << 30, 1 << 20), tuple(0, 0)),
            "repeats its elements"),
        view("in a missing storage", tensor(storage("1", 2), 0, tuple(2), tuple(1)), "missing"),
        view("elsewhere", tensor(storage("../0", 2), 0, tuple(2), tuple(1)), "missing"),
        view("in too short a storage", tensor(storage("0", 3), 0, tuple(3), tuple(1)), "8 bytes"));
  }

  private static Arguments view(String what, String tensor, String mentioned) {
    return Arguments.of(what, single(tensor), mentioned);
  }

  @ParameterizedTest(name = "a tensor {0}")
  @MethodSource("tensors")
  void refusesTheTensor(String what, String pickle, String mentioned) {
    String message = refusal(archive(pickle, 8));
    assertTrue(message.contains(mentioned), what + ": " + message);
  }

  static Stream<Arguments> containers() {
    byte[] storage = new byte[16];
    storage[0] = 2;
    return Stream.of(
        Arguments.of("an empty file", new byte[0], "torch.save"),
        Arguments.of("wrong magic", latin(TorchBytes.MAGIC.replace('l', 'm')), "torch.save"),
        Arguments.of("a tar file", latin("\0".repeat(257) + "ustar" + "\0".repeat(300)), "tar"),
        Arguments.of(
            "another protocol",
            latin(TorchBytes.MAGIC + pickle("K\1") + pickle("}") + GOOD + pickle("]")),
            "1001"),
        Arguments.of("no storages", legacy(GOOD, "]", new byte[0]), "is missing"),
        Arguments.of("a short storage", legacy(GOOD, list("0"), new byte[15]), "\"0\""),
        Arguments.of(
            "another size", legacy(GOOD, list("0"), new byte[16]), "cut off or has another"),
        Arguments.of(
            "an unknown storage", legacy(GOOD, list("1"), storage), "list of its storages"),
        Arguments.of("a storage twice", legacy(GOOD, list("0", "0"), storage), "list of its"),
        Arguments.of("no list", legacy(GOOD, "}", storage), "list of its storages is missing"),
        Arguments.of("a number for a key", legacy(GOOD, "]K\0a", storage), "list of its storages"),
        zip("compressed", ZipEntry.DEFLATED, "compressed", Map.of("a/data.pkl", GOOD)),
        zip("no pickle", ZipEntry.STORED, "0 entries data.pkl", Map.of("a/x", GOOD)),
        zip("a deep pickle", ZipEntry.STORED, "0 entries", Map.of("a/b/data.pkl", GOOD)),
        zip(
            "two pickles",
            ZipEntry.STORED,
            "2 entries data.pkl",
            Map.of("a/data.pkl", GOOD, "b/data.pkl", GOOD)),
        zip("a way out", ZipEntry.STORED, "plain relative name", Map.of("../data.pkl", GOOD)),
        zip("a way out inside", ZipEntry.STORED, "plain", Map.of("a/../../data.pkl", GOOD)),
        zip("an absolute name", ZipEntry.STORED, "plain", Map.of("/a/data.pkl", GOOD)),
        zip("a backslash", ZipEntry.STORED, "plain", Map.of("a\\data.pkl", GOOD)),
        zip(
            "big-endian numbers",
            ZipEntry.STORED,
            "big-endian",
            Map.of("a/data.pkl", GOOD, "a/byteorder", "big")),
        zip(
            "a program",
            ZipEntry.STORED,
            "TorchScript",
            Map.of("a/data.pkl", GOOD, "a/constants.pkl", "")));
  }

  private static String list(String... keys) {
    StringBuilder list = new StringBuilder("](");
    for (String key : keys) {
      list.append(text(key));
    }
    return list + "e";
  }

  private static Arguments zip(
      String what, int method, String mentioned, Map<String, String> entries) {
    Map<String, byte[]> content = new TreeMap<>();
    entries.forEach((name, text) -> content.put(name, latin(text)));
    return Arguments.of(what, TorchBytes.zip(content, method), mentioned);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("containers")
  void refusesTheContainer(String what, byte[] file, String mentioned) {
    String message = refusal(file);
    assertTrue(message.contains(mentioned), what + ": " + message);
  }

  @Test
  void nestingCostsNoStack() {
    String deep = "]".repeat(200_000) + "a".repeat(199_999);
    String tuples = ")" + "\u0085".repeat(200_000);

    for (String nested : new String[] {deep, tuples}) {
      String pickle = pickle("}(" + text("n") + nested + text("t") + TENSOR + "u");
      Path path = TorchBytes.write(folder.resolve("deep.pt"), archive(pickle, 8));
      try (TorchFile file = TorchFile.open(path)) {
        assertEquals(2, file.floats("t").length);
      }
    }
  }

  @Test
  void referencesThatDoubleAtEveryStepTakeNoSpace() {
    StringBuilder bomb = new StringBuilder("]q\0");
    for (int i = 0; i < 100_000; i++) {
      bomb.append("h\0h\0\u0086q\0");
    }
    String pickle = pickle("(" + bomb + "t");
    assertTrue(refusal(archive(pickle, 8)).contains("no dictionary of tensors"));
  }

  @Test
  void listsAndDictionariesMayHoldThemselves() {
    String itself = "]q\0h\0a}q\1" + text("x") + "h\1s\u0086";
    String pickle = pickle("}(" + text("n") + itself + text("t") + TENSOR + "u");
    Path path = TorchBytes.write(folder.resolve("itself.pt"), archive(pickle, 8));
    try (TorchFile file = TorchFile.open(path)) {
      assertEquals(1, file.names().size());
    }
  }

  @Test
  void theNumberOfInstructionsIsLimited() {
    String pickle = pickle("(" + "N".repeat(1 << 20) + "t");

    assertTrue(refusal(archive(pickle, 0)).contains("more than 1048576 instructions"));
  }

  private String refusal(byte[] content) {
    Path path = TorchBytes.write(folder.resolve("attack.pt"), content);
    String message =
        assertThrows(CodonfuseException.class, () -> TorchFile.open(path).close()).getMessage();
    assertTrue(message.startsWith(path + ": "), message);
    assertTrue(message.lines().count() == 1 && message.endsWith("."), message);
    return message;
  }
}

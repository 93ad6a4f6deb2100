package org.codonfuse.experiment;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Spelling;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.sequence.CsvTable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * A value of a YAML 1.2 file that knows its place, so that what is wrong with it can be said with
 * file and line.
 */
final class YamlValue {
  private static final long MOST_BYTES = 1 << 20;
  private static final int DEEPEST = 50;

  /** Of a value in a message. */
  private static final int SHOWN = 60;

  private final Path file;
  private final String name;
  private final Node node;

  private YamlValue(Path file, String name, Node node) {
    this.file = file;
    this.name = name;
    this.node = node;
  }

  /**
   * The only document of a file.
   *
   * @throws CodonfuseException if the file cannot be read or is no YAML
   */
  static YamlValue read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new CodonfuseException(
            file
                + ": is too large to describe an experiment; give a YAML file such as quick.yaml.");
      }
      String text = Files.readString(file, StandardCharsets.UTF_8);
      LoadSettings settings = LoadSettings.builder().build();
      requireShallow(file, new ParserImpl(settings, new StreamReader(settings, text)));
      Parser parser = new ParserImpl(settings, new StreamReader(settings, text));
      Optional<Node> root = new Composer(settings, parser).getSingleNode();
      return root.map(node -> new YamlValue(file, "the file", node))
          .orElseThrow(() -> new CodonfuseException(file + ": is empty; describe an experiment."));
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    } catch (MarkedYamlEngineException e) {
      throw new CodonfuseException(
          "%s:%d: is not YAML (%s); correct the line."
              .formatted(file, line(e.getProblemMark()), e.getProblem()),
          e);
    } catch (YamlEngineException e) {
      throw new CodonfuseException(file + ": is not YAML (" + e.getMessage() + ").", e);
    }
  }

  /** What nests deeper would overflow the stack of the composer. */
  private static void requireShallow(Path file, Parser events) {
    int depth = 0;
    while (events.hasNext()) {
      Event event = events.next();
      depth +=
          switch (event.getEventId()) {
            case MappingStart, SequenceStart -> 1;
            case MappingEnd, SequenceEnd -> -1;
            default -> 0;
          };
      if (depth > DEEPEST) {
        throw new CodonfuseException(
            "%s:%d: nests deeper than an experiment does; correct the line."
                .formatted(file, line(event.getStartMark())));
      }
    }
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(m -> m.getLine() + 1).orElse(1);
  }

  /** A failure that begins with the place of this value. */
  CodonfuseException wrong(String what) {
    return new CodonfuseException(file + ":" + line(node.getStartMark()) + ": " + what);
  }

  private CodonfuseException expected(String what) {
    String found =
        switch (node) {
          case ScalarNode scalar when isNull(scalar) -> "nothing";
          case ScalarNode scalar when scalar.getValue().length() > SHOWN ->
              "'" + scalar.getValue().substring(0, SHOWN) + "…'";
          case ScalarNode scalar -> "'" + scalar.getValue() + "'";
          case SequenceNode sequence when sequence.getValue().isEmpty() -> "an empty one";
          case SequenceNode _ -> "a list";
          default -> "a map";
        };
    return wrong("%s needs %s but has %s.".formatted(name, what, found));
  }

  private static boolean isNull(ScalarNode scalar) {
    return scalar.getTag().equals(Tag.NULL);
  }

  boolean isMap() {
    return node instanceof MappingNode;
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  /** As keys with their values, whose names are checked when they are known. */
  YamlMap map() {
    if (!(node instanceof MappingNode mapping)) {
      throw expected("keys with values");
    }
    Map<String, YamlValue> keys = new LinkedHashMap<>();
    Map<String, YamlValue> values = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      YamlValue key = new YamlValue(file, "a key", tuple.getKeyNode());
      String text = key.text();
      keys.put(text, key);
      if (values.put(text, new YamlValue(file, text, tuple.getValueNode())) != null) {
        throw key.wrong("'" + text + "' is there twice; remove one.");
      }
    }
    return new YamlMap(this, keys, values);
  }

  /** As a list with at least one member. */
  List<YamlValue> list() {
    if (!(node instanceof SequenceNode sequence) || sequence.getValue().isEmpty()) {
      throw expected("a list such as [a, b]");
    }
    List<YamlValue> values = new ArrayList<>();
    sequence.getValue().forEach(member -> values.add(new YamlValue(file, name, member)));
    return values;
  }

  /** As a list, of which a single value is one. */
  List<YamlValue> listOrOne() {
    return isList() ? list() : List.of(this);
  }

  /** As text. */
  String text() {
    if (!(node instanceof ScalarNode scalar) || isNull(scalar) || scalar.getValue().isBlank()) {
      throw expected("a word");
    }
    return scalar.getValue().strip();
  }

  /**
   * As a path.
   *
   * @param folder that it starts from, unless it is absolute
   */
  Path path(Path folder) {
    try {
      return folder.resolve(text()).normalize();
    } catch (InvalidPathException e) {
      throw wrong("%s is no path (%s); correct it.".formatted(name, e.getReason()));
    }
  }

  /** As a number within bounds. */
  double number(double low, double high) {
    double value = isNumber() ? Double.parseDouble(scalar()) : Double.NaN;
    if (!Double.isFinite(value)) {
      throw expected("a number");
    }
    if (value < low || value > high) {
      throw wrong(
          "%s %s is out of range; use a number from %s to %s."
              .formatted(name, scalar(), plain(low), plain(high)));
    }
    return value;
  }

  /** As a whole number within bounds. */
  int integer(int low, int high) {
    return Math.toIntExact(whole(low, high));
  }

  /** As a whole number within bounds. */
  long whole(long low, long high) {
    if (!(node instanceof ScalarNode) || !scalar().matches("[+-]?\\d{1,18}")) {
      throw expected("a whole number");
    }
    long value = Long.parseLong(scalar());
    if (value < low || value > high) {
      throw wrong("%s %d is out of range; use %d to %d.".formatted(name, value, low, high));
    }
    return value;
  }

  /** As true or false. */
  boolean flag() {
    if (node instanceof ScalarNode && scalar().equals("true")) {
      return true;
    }
    if (node instanceof ScalarNode && scalar().equals("false")) {
      return false;
    }
    throw expected("true or false");
  }

  /**
   * As one of some words.
   *
   * @param what they are, such as {@code fusion}
   */
  String oneOf(String what, List<String> words) {
    String text = text();
    if (!words.contains(text)) {
      throw wrong(unknown(what, text, "", words));
    }
    return text;
  }

  /**
   * The sentence about a word that is none of those known.
   *
   * @param where it stands, such as {@code of a data set}; may be empty
   */
  static String unknown(String what, String word, String where, List<String> words) {
    return "unknown %s '%s'%s%s; use one of %s."
        .formatted(
            what,
            word,
            where,
            Spelling.nearest(word, words).map(near -> " (did you mean " + near + "?)").orElse(""),
            String.join(", ", words));
  }

  private boolean isNumber() {
    return node instanceof ScalarNode && CsvTable.isNumber(scalar());
  }

  private String scalar() {
    return ((ScalarNode) node).getValue().strip();
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }
}

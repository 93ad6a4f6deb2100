package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.compute.torch.binding.CodonfuseNative;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The checked-in bindings are those of the header. Needs neither jextract nor the library. */
class BindingDriftTest {
  private static final String REMEDY = "; run jextract/generate after changing the header";
  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/");
  private static final Pattern PROTOTYPE =
      Pattern.compile("(?s)CF_API\\s+([\\w\\s*]+?)(cf_\\w+)\\s*\\(([^;]*?)\\)\\s*;");
  private static final Pattern ENUM = Pattern.compile("(?s)\\benum\\s*\\{([^}]*)\\}");
  private static final Pattern ENUMERATOR = Pattern.compile("(CF_\\w+)\\s*=\\s*(-?\\d+)");
  private static final Pattern MACRO =
      Pattern.compile("(?m)^#define\\s+(CF_\\w+)\\s+(-?\\d+)\\s*$");
  private static final Pattern DESCRIPTOR =
      Pattern.compile(
          "(?s)private static class (cf_\\w+) \\{\\s*public static final FunctionDescriptor DESC = "
              + "FunctionDescriptor\\.(of|ofVoid)\\((.*?)\\);");
  private static final Pattern INCLUDE = Pattern.compile("--include-(function|constant)\\s+(\\w+)");

  private static String header;
  private static String includes;
  private static String generated;

  @BeforeAll
  static void read() throws IOException {
    header =
        COMMENT.matcher(Files.readString(Path.of("native/include/codonfuse.h"))).replaceAll("");
    includes = Files.readString(Path.of("jextract/includes.txt"));
    generated =
        Files.readString(
            Path.of(
                "src/main/java",
                CodonfuseNative.class.getName().replace('.', '/').concat(".java")));
  }

  @Test
  void everyFunctionHasTheDescriptorOfItsPrototype() {
    Map<String, List<String>> bound = new TreeMap<>();
    for (MatchResult match : matches(DESCRIPTOR, generated)) {
      List<String> types = new ArrayList<>();
      if (match.group(2).equals("ofVoid")) {
        types.add("void");
      }
      Stream.of(match.group(3).split(","))
          .map(type -> type.strip().replace("CodonfuseNative.", ""))
          .filter(type -> !type.isEmpty())
          .forEach(types::add);
      bound.put(match.group(1), types);
    }
    assertSame(prototypes(), bound, "functions");
  }

  @Test
  void everyFunctionHasAMethodOfItsParameters() {
    Map<String, List<String>> methods = new TreeMap<>();
    for (Method method : CodonfuseNative.class.getDeclaredMethods()) {
      if (method.getName().startsWith("cf_") && !method.getName().contains("$")) {
        methods.put(
            method.getName(),
            Stream.concat(Stream.of(method.getReturnType()), Stream.of(method.getParameterTypes()))
                .map(BindingDriftTest::layout)
                .toList());
      }
    }
    assertSame(prototypes(), methods, "methods");
  }

  @Test
  void everyConstantHasTheHeadersValue() throws ReflectiveOperationException {
    Map<String, String> bound = new TreeMap<>();
    for (Method method : CodonfuseNative.class.getDeclaredMethods()) {
      if (method.getName().startsWith("CF_")) {
        bound.put(method.getName(), String.valueOf(method.invoke(null)));
      }
    }
    assertSame(constants(), bound, "constants");
  }

  @Test
  void includesNameEveryFunctionAndConstantOnce() {
    List<String> named =
        matches(INCLUDE, includes).stream().map(match -> match.group(2)).sorted().toList();
    TreeSet<String> declared = new TreeSet<>(prototypes().keySet());
    declared.addAll(constants().keySet());
    assertEquals(
        declared.stream().sorted().toList(), named, "jextract/includes.txt differs" + REMEDY);
  }

  private static Map<String, List<String>> prototypes() {
    Map<String, List<String>> prototypes = new TreeMap<>();
    for (MatchResult match : matches(PROTOTYPE, header)) {
      List<String> types = new ArrayList<>(List.of(layout(match.group(1))));
      if (!match.group(3).strip().equals("void")) {
        Stream.of(match.group(3).split(",")).map(BindingDriftTest::layout).forEach(types::add);
      }
      prototypes.put(match.group(2), types);
    }
    long declared = header.lines().filter(line -> line.startsWith("CF_API ")).count();
    assertEquals(declared, prototypes.size(), "every prototype of the header is understood");
    assertFalse(prototypes.isEmpty());
    return prototypes;
  }

  private static Map<String, String> constants() {
    Map<String, String> constants = new TreeMap<>();
    matches(MACRO, header).forEach(match -> constants.put(match.group(1), match.group(2)));
    for (MatchResult body : matches(ENUM, header)) {
      matches(ENUMERATOR, body.group(1))
          .forEach(match -> constants.put(match.group(1), match.group(2)));
    }
    assertFalse(constants.isEmpty());
    return constants;
  }

  /** The layout of a C type or of a declaration with that type, on 64-bit Linux. */
  private static String layout(String declaration) {
    if (declaration.contains("*")) {
      return "C_POINTER";
    }
    return switch (declaration.strip().replaceFirst("(?s)\\s.*", "")) {
      case "void" -> "void";
      case "int32_t" -> "C_INT";
      case "int64_t", "uint64_t", "size_t" -> "C_LONG";
      case "float" -> "C_FLOAT";
      case "double" -> "C_DOUBLE";
      default -> throw new IllegalArgumentException("C type of " + declaration);
    };
  }

  private static String layout(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "void" -> "void";
      case "int" -> "C_INT";
      case "long" -> "C_LONG";
      case "float" -> "C_FLOAT";
      case "double" -> "C_DOUBLE";
      case "MemorySegment" -> "C_POINTER";
      default -> throw new IllegalArgumentException(type.toString());
    };
  }

  private static List<MatchResult> matches(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.results().toList();
  }

  /** One line per entry, so that a failure shows the difference. */
  private static void assertSame(Map<String, ?> expected, Map<String, ?> actual, String what) {
    assertEquals(
        lines(expected), lines(actual), "the bindings' " + what + " are not the header's" + REMEDY);
  }

  private static String lines(Map<String, ?> map) {
    return map.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining("\n"));
  }
}

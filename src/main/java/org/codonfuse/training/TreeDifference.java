package org.codonfuse.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What differs between two trees of plain values. */
public final class TreeDifference {
  private TreeDifference() {}

  /** A line for each value, such as {@code training.batch_size 32 then, 64 now}. */
  @SuppressWarnings("exports") // Of use to this program alone.
  public static List<String> between(JsonNode then, JsonNode now) {
    return between(then, "then", now, "now");
  }

  /** The same where the trees are called otherwise. */
  @SuppressWarnings("exports")
  public static List<String> between(
      JsonNode one, String nameOfOne, JsonNode other, String nameOfOther) {
    List<String> differences = new ArrayList<>();
    compare("", one, other, "%s %s " + nameOfOne + ", %s " + nameOfOther, differences);
    return differences;
  }

  private static void compare(
      String path, JsonNode then, JsonNode now, String line, List<String> differences) {
    if (then.isContainerNode() && now.isContainerNode() && then.isArray() == now.isArray()) {
      TreeSet<String> names = new TreeSet<>();
      then.fieldNames().forEachRemaining(names::add);
      now.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        compare(
            path.isEmpty() ? name : path + "." + name,
            then.path(name),
            now.path(name),
            line,
            differences);
      }
      for (int i = 0;
          i < Math.max(then.isArray() ? then.size() : 0, now.isArray() ? now.size() : 0);
          i++) {
        compare(path + "[" + i + "]", then.path(i), now.path(i), line, differences);
      }
    } else if (!then.equals(now)) {
      differences.add(line.formatted(path, shown(then), shown(now)));
    }
  }

  private static String shown(JsonNode value) {
    if (value.isMissingNode()) {
      return "absent";
    }
    if (value.isObject()) {
      return "present";
    }
    return value.isTextual() ? value.textValue() : value.toString();
  }
}

package org.codonfuse.experiment;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.codonfuse.weights.Sha256;

/** A plan as it is kept beside results, to tell whether they are those of another. */
final class PlanRecord {
  private static final Set<String> WITHOUT_EFFECT = Set.of("name", "published");

  private PlanRecord() {}

  /** The content of {@code plan.json}: files by their hash, so that they may move. */
  static Map<String, Object> of(ExperimentPlan plan) {
    Map<String, Object> map = new LinkedHashMap<>();
    Map<String, Object> data = new LinkedHashMap<>();
    for (DataPlan set : plan.data()) {
      data.put(set.name(), members(set));
    }
    map.put("data", data);
    Map<String, Object> rows = new LinkedHashMap<>();
    for (RowPlan row : plan.rows()) {
      rows.put(row.name(), members((Record) row));
    }
    map.put("rows", rows);
    map.put("seeds", plan.seeds());
    map.put("folds", plan.folds());
    return map;
  }

  /** The components of a record, without what changes no result. */
  private static Map<String, Object> members(Record of) {
    Map<String, Object> members = new LinkedHashMap<>();
    if (of.getClass().getInterfaces().length > 0) {
      members.put("kind", Cell.slug(of.getClass().getSimpleName()));
    }
    for (RecordComponent component : of.getClass().getRecordComponents()) {
      if ((of instanceof RowPlan || of instanceof DataPlan)
          && WITHOUT_EFFECT.contains(component.getName())) {
        continue;
      }
      try {
        plain(component.getAccessor().invoke(of))
            .ifPresent(value -> members.put(snake(component.getName()), value));
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("plans are public records", e);
      }
    }
    return members;
  }

  /** A value as JSON has it; empty for what is not there. */
  private static Optional<Object> plain(Object value) {
    return switch (value) {
      case Optional<?> optional -> optional.flatMap(PlanRecord::plain);
      case OptionalInt optional ->
          optional.isPresent() ? Optional.of(optional.getAsInt()) : Optional.empty();
      case OptionalDouble optional ->
          optional.isPresent() ? Optional.of(optional.getAsDouble()) : Optional.empty();
      case Record nested -> Optional.of(members(nested));
      case Map<?, ?> map -> Optional.of(map);
      case List<?> list ->
          Optional.of(list.stream().map(PlanRecord::plain).map(o -> o.orElse("")).toList());
      case Enum<?> constant -> Optional.of(constant.name());
      case Path file -> Optional.of(Sha256.of(file));
      default -> Optional.of(value);
    };
  }

  private static String snake(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}

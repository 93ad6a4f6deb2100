package org.codonfuse.training;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.codonfuse.UsageException;
import org.codonfuse.sequence.CsvTable;

/** How much the classes count in the loss. */
public sealed interface ClassWeights {
  /** All the same. */
  record None() implements ClassWeights {}

  /**
   * As if all classes had the same number of training rows: n / (k · n_c) for the class c of k that
   * has n_c of the n rows.
   */
  record Balanced() implements ClassWeights {}

  /**
   * As given; classes without a weight count 1.
   *
   * @param weights above 0, by class
   */
  record Given(Map<String, Double> weights) implements ClassWeights {
    public Given {
      weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }
  }

  /**
   * Reads {@code none}, {@code balanced} or {@code A=2,B=1}.
   *
   * @throws UsageException if the text is none of them
   */
  static ClassWeights parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "none" -> new None();
      case "balanced" -> new Balanced();
      default -> given(text);
    };
  }

  private static ClassWeights given(String text) {
    Map<String, Double> weights = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.lastIndexOf('=');
      String number = part.substring(equals + 1).strip();
      if (equals < 1 || !CsvTable.isNumber(number)) {
        throw new UsageException(
            "--class-weights '%s' is not understood; use none, balanced or weights like A=2,B=1."
                .formatted(text));
      }
      double weight = Double.parseDouble(number);
      String name = part.substring(0, equals).strip();
      if (!(weight > 0 && Double.isFinite(weight))) {
        throw new UsageException(
            "the weight %s of class '%s' must be a number above 0.".formatted(number, name));
      }
      if (weights.put(name, weight) != null) {
        throw new UsageException(
            "--class-weights names class '%s' twice; name it once.".formatted(name));
      }
    }
    return new Given(weights);
  }

  /**
   * The weights of a data set's classes.
   *
   * @param classes the classes by index; empty for regression
   * @param counts training rows of every class
   * @return one per class; empty if all count the same
   * @throws UsageException if a class is unknown or there are none
   */
  default List<Double> of(List<String> classes, int[] counts) {
    if (!(this instanceof None) && classes.isEmpty()) {
      throw new UsageException(
          "--class-weights is for classes, and the targets are numbers; leave it out.");
    }
    return switch (this) {
      case None _ -> List.of();
      case Balanced _ -> {
        double rows = Arrays.stream(counts).sum();
        yield IntStream.range(0, counts.length)
            .mapToObj(c -> rows / ((double) counts.length * counts[c]))
            .toList();
      }
      case Given(Map<String, Double> weights) -> {
        for (String name : weights.keySet()) {
          if (!classes.contains(name)) {
            throw new UsageException(
                "--class-weights names class '%s', which the data do not have; its classes are %s."
                    .formatted(name, String.join(", ", classes)));
          }
        }
        yield classes.stream().map(name -> weights.getOrDefault(name, 1.0)).toList();
      }
    };
  }
}

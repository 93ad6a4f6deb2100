package org.codonfuse.report.chart;

import java.util.OptionalDouble;

/**
 * An axis of numbers.
 *
 * @param name with the unit, if there is one
 * @param min where it begins; empty to follow the numbers
 * @param max where it ends; empty to follow the numbers
 */
public record Axis(String name, OptionalDouble min, OptionalDouble max) {
  /** An axis that follows the numbers. */
  public static Axis of(String name) {
    return new Axis(name, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** An axis of a fixed range. */
  public static Axis of(String name, double min, double max) {
    return new Axis(name, OptionalDouble.of(min), OptionalDouble.of(max));
  }
}

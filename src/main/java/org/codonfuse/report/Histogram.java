package org.codonfuse.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.BarChart;
import org.codonfuse.report.chart.BarChart.Bars;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.sequence.Split;

/** How often numbers are in ranges with round ends. */
final class Histogram {
  private static final int MOST_BINS = 30;

  private Histogram() {}

  /**
   * Counts of the finite numbers of each split, one on top of the other.
   *
   * @param name of the numbers
   * @param numbers at least one of them finite
   */
  static BarChart of(Caption caption, String name, Map<Split, double[]> numbers) {
    double[] known =
        numbers.values().stream()
            .flatMapToDouble(DoubleStream::of)
            .filter(Double::isFinite)
            .toArray();
    double least = DoubleStream.of(known).min().orElseThrow();
    double most = DoubleStream.of(known).max().orElseThrow();
    boolean whole = DoubleStream.of(known).allMatch(value -> value == Math.rint(value));
    double step = step((most - least) / MOST_BINS, whole);
    double first = Math.floor(least / step) * step;
    int bins = Math.max(1, (int) (Math.floor((most - first) / step) + 1));
    List<Bars> series = new ArrayList<>();
    numbers.forEach(
        (split, values) -> {
          double[] counts = new double[bins];
          DoubleStream.of(values)
              .filter(Double::isFinite)
              .forEach(value -> counts[Math.clamp((long) ((value - first) / step), 0, bins - 1)]++);
          series.add(Bars.of(split.label(), SplitColours.of(split), counts));
        });
    return new BarChart(
        caption,
        name,
        Axis.of("sequences"),
        BarChart.Form.HISTOGRAM,
        IntStream.range(0, bins).mapToObj(i -> range(first + i * step, step, whole)).toList(),
        series);
  }

  private static String range(double from, double step, boolean whole) {
    if (whole && step == 1) {
      return Numbers.brief(from);
    }
    return Numbers.brief(from) + " … " + Numbers.brief(whole ? from + step - 1 : from + step);
  }

  /** The next greater of 1, 2 and 5 times a power of ten; 1 for nothing, and for parts of it. */
  private static double step(double least, boolean whole) {
    if (!(least > (whole ? 1 : 0) && least < Double.POSITIVE_INFINITY)) {
      return 1;
    }
    double unit = Math.pow(10, Math.floor(Math.log10(least)));
    return DoubleStream.of(1, 2, 5, 10)
        .map(times -> times * unit)
        .filter(step -> step >= least)
        .findFirst()
        .orElse(10 * unit);
  }
}

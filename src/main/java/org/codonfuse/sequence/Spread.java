package org.codonfuse.sequence;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.hipparchus.stat.descriptive.moment.Mean;
import org.hipparchus.stat.descriptive.moment.StandardDeviation;
import org.hipparchus.stat.descriptive.rank.Percentile;

/**
 * How numbers are spread.
 *
 * @param least the smallest
 * @param lower the first quartile (interpolated as NumPy does)
 * @param median the second
 * @param upper the third
 * @param most the largest
 * @param mean their mean
 * @param deviation their standard deviation (n − 1), 0 for one number
 */
public record Spread(
    double least,
    double lower,
    double median,
    double upper,
    double most,
    double mean,
    double deviation) {
  /** The spread of at least one number. */
  static Spread of(double[] numbers) {
    Percentile percentile = new Percentile().withEstimationType(Percentile.EstimationType.R_7);
    percentile.setData(numbers);
    return new Spread(
        Arrays.stream(numbers).min().orElseThrow(),
        percentile.evaluate(25),
        percentile.evaluate(50),
        percentile.evaluate(75),
        Arrays.stream(numbers).max().orElseThrow(),
        new Mean().evaluate(numbers),
        new StandardDeviation().evaluate(numbers));
  }

  /** The numbers by name, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("min", least);
    map.put("quartile_1", lower);
    map.put("median", median);
    map.put("quartile_3", upper);
    map.put("max", most);
    map.put("mean", mean);
    map.put("sd", deviation);
    return map;
  }
}

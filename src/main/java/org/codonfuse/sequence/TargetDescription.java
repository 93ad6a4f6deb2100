package org.codonfuse.sequence;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the numbers of one target are.
 *
 * @param name its column
 * @param missing sequences without a value
 * @param values how the others are spread
 * @param bins how many of them are in each tenth of their range; one bin where all are equal
 */
public record TargetDescription(String name, int missing, Spread values, List<Integer> bins) {
  private static final int BINS = 10;

  public TargetDescription {
    bins = List.copyOf(bins);
  }

  /** Describes a target that at least one example has a value of. */
  static TargetDescription of(String name, List<Example> examples, int target) {
    double[] known =
        examples.stream()
            .mapToDouble(example -> example.targets().get(target))
            .filter(value -> !Double.isNaN(value))
            .toArray();
    Spread spread = Spread.of(known);
    int number = spread.most() > spread.least() ? BINS : 1;
    int[] bins = new int[number];
    // Halved, because the difference of two numbers may be infinite.
    double range = spread.most() / 2 - spread.least() / 2;
    for (double value : known) {
      double place = range == 0 ? 0 : (value / 2 - spread.least() / 2) / range;
      bins[Math.min((int) (place * number), number - 1)]++;
    }
    return new TargetDescription(
        name, examples.size() - known.length, spread, Arrays.stream(bins).boxed().toList());
  }

  /** Where bins begin and end: one number more than there are bins. */
  public List<Double> edges() {
    int number = bins.size();
    return IntStream.rangeClosed(0, number)
        .mapToObj(
            i ->
                values.least() * ((double) (number - i) / number)
                    + values.most() * ((double) i / number))
        .toList();
  }

  /** All of it, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("missing", missing);
    map.putAll(values.toMap());
    map.put("edges", edges());
    map.put("counts", bins);
    return map;
  }
}

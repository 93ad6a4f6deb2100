package org.codonfuse.training.run;

import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;

/**
 * One target of a model.
 *
 * @param name the column that it was trained on
 * @param scale how it was standardised; {@link TargetScale#IDENTITY} for classes
 */
public record TargetConfig(String name, TargetScale scale) {
  /**
   * The targets of a data set, standardised on the rows of the training split that have them.
   *
   * @throws CodonfuseException if those of one are too far apart
   */
  public static List<TargetConfig> of(Dataset dataset) {
    return IntStream.range(0, dataset.targets().size())
        .mapToObj(target -> new TargetConfig(dataset.targets().get(target), scale(dataset, target)))
        .toList();
  }

  private static TargetScale scale(Dataset dataset, int target) {
    if (dataset.task() == Task.CLASSIFICATION) {
      return TargetScale.IDENTITY;
    }
    double[] known =
        dataset.of(Split.TRAIN).stream()
            .mapToDouble(example -> example.targets().get(target))
            .filter(value -> !Double.isNaN(value))
            .toArray();
    try {
      return TargetScale.fit(known);
    } catch (IllegalArgumentException e) {
      throw new CodonfuseException(
          "%s: column '%s': %s; give them in another unit."
              .formatted(dataset.source(), dataset.targets().get(target), e.getMessage()),
          e);
    }
  }
}

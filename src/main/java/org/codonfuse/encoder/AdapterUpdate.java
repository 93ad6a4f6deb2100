package org.codonfuse.encoder;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.lora.LoraAdapter;

/**
 * How much an adapter changes one weight of an encoder.
 *
 * @param module whose weight it is
 * @param norm Frobenius norm of what is added
 * @param weight Frobenius norm of what it is added to
 */
public record AdapterUpdate(AdaptableModule module, double norm, double weight) {
  /**
   * Those of an adapter, layer by layer.
   *
   * @param base the encoder without it
   * @throws CodonfuseException if the adapter does not fit
   */
  public static List<AdapterUpdate> of(PublishedEncoder base, LoraAdapter adapter) {
    double scale = adapter.settings().scale();
    List<AdapterUpdate> updates = new ArrayList<>();
    AdaptableModules.of(base.config())
        .factors(adapter)
        .forEach(
            (module, factors) ->
                updates.add(
                    new AdapterUpdate(
                        module,
                        factors.norm(scale),
                        norm(base.values(module.name() + ".weight")))));
    return updates;
  }

  /** The norm of what is added as a share of that of the weight. */
  public double relative() {
    return norm / weight;
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}

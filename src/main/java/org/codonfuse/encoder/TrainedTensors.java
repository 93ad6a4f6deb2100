package org.codonfuse.encoder;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.compute.Tensor;
import org.codonfuse.parameters.Initializer;
import org.codonfuse.parameters.ParameterSpec;

/** The tensors of an encoder that are trained themselves. */
final class TrainedTensors {
  private static final Pattern LAYER = Pattern.compile("layer\\.(\\d+)\\..*");

  private final Set<String> names = new LinkedHashSet<>();
  private final List<ParameterSpec> parameters = new ArrayList<>();

  /**
   * @param settings whose tuning is a full one
   * @param weights what they start as
   */
  TrainedTensors(
      EncoderConfig config, TrainableEncoder.Settings settings, Map<String, Tensor> weights) {
    int frozen = settings.tuning().frozenLayers();
    EncoderParameters.shapes(config).keySet().stream()
        .filter(name -> isTrained(name, frozen))
        .forEach(name -> add(name, settings.prefix(), weights));
    if (settings.head()) {
      EncoderParameters.HEAD.stream()
          .filter(weights::containsKey)
          .forEach(name -> add(name, settings.prefix(), weights));
    }
  }

  private static boolean isTrained(String name, int frozen) {
    if (name.endsWith(EncoderParameters.FREQUENCIES)) {
      return false;
    }
    Matcher layer = LAYER.matcher(name);
    if (layer.matches()) {
      return Integer.parseInt(layer.group(1)) >= frozen;
    }
    return frozen == 0 || !name.startsWith("embeddings.");
  }

  private void add(String name, String prefix, Map<String, Tensor> weights) {
    Tensor start = weights.get(name);
    names.add(name);
    parameters.add(
        new ParameterSpec(prefix + name, start.shape(), new Initializer.Given(start::toFloats)));
  }

  /** By the names of {@link EncoderParameters}. */
  Set<String> names() {
    return names;
  }

  /** The same after the prefix. */
  List<ParameterSpec> parameters() {
    return parameters;
  }
}

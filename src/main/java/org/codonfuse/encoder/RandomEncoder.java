package org.codonfuse.encoder;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.codonfuse.compute.Shape;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorData;

/**
 * Writes model directories in the published layout with random weights: for demonstrations,
 * benchmarks and tests, where the shape matters and the biology does not.
 */
public final class RandomEncoder {
  private RandomEncoder() {}

  /**
   * Writes {@code config.json}, {@code vocab.txt} and {@code model.safetensors}.
   *
   * @param config see {@link EncoderFamily#config}
   * @param seed the same seed gives the same bytes
   */
  public static void write(Path directory, EncoderFamily family, EncoderConfig config, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    EncoderParameters.shapes(config)
        .forEach(
            (name, shape) ->
                tensors.put(
                    CheckpointNames.published(config, name),
                    TensorData.of(shape, values(config, name, shape, random))));
    AtomicFiles.writeString(
        directory.resolve("vocab.txt"), String.join("\n", family.vocabulary()) + "\n");
    SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors);
    AtomicFiles.writeString(directory.resolve("config.json"), config.toJson());
  }

  private static float[] values(
      EncoderConfig config, String name, Shape shape, SplittableRandom random) {
    if (name.endsWith(EncoderParameters.FREQUENCIES)) {
      return EncoderParameters.frequencies(config.headWidth());
    }
    float[] values = new float[shape.intSize()];
    if (name.endsWith("norm.weight")) {
      java.util.Arrays.fill(values, 1);
    } else if (!name.endsWith(".bias")) {
      double deviation = name.startsWith("embeddings.") ? 1 : 1 / Math.sqrt(shape.dim(-1));
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * deviation);
      }
    }
    return values;
  }
}

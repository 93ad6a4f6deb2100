package org.codonfuse.encoder;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
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
                    TensorData.of(shape, values(family, config, name, shape, random))));
    AtomicFiles.writeString(
        directory.resolve("vocab.txt"), String.join("\n", family.vocabulary()) + "\n");
    SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors);
    AtomicFiles.writeString(directory.resolve("config.json"), config.toJson());
  }

  private static float[] values(
      EncoderFamily family,
      EncoderConfig config,
      String name,
      Shape shape,
      SplittableRandom random) {
    if (name.endsWith(EncoderParameters.FREQUENCIES)) {
      return EncoderParameters.frequencies(config.headWidth());
    }
    if (name.equals("embeddings.tokens.weight")) {
      return embeddings(family, shape, random);
    }
    float[] values = new float[shape.intSize()];
    if (name.endsWith("norm.weight")) {
      Arrays.fill(values, 1);
    } else if (!name.endsWith(".bias")) {
      double deviation = name.startsWith("embeddings.") ? 1 : 1 / Math.sqrt((double) shape.dim(-1));
      fill(values, deviation, random);
    }
    return values;
  }

  /**
   * One random vector a token; a k-mer's is the sum of one for each of its triplets, because in
   * trained encoders, too, k-mers with a triplet in common are alike.
   */
  private static float[] embeddings(EncoderFamily family, Shape shape, SplittableRandom random) {
    int width = shape.intDim(1);
    Map<String, float[]> vectors = new HashMap<>();
    float[] values = new float[shape.intSize()];
    int row = 0;
    for (String token : family.vocabulary()) {
      int parts = token.startsWith("<") ? 1 : Math.ceilDiv(token.length(), 3);
      for (int part = 0; part < parts; part++) {
        String piece =
            parts == 1
                ? token
                : part + token.substring(3 * part, Math.min(3 * part + 3, token.length()));
        float[] vector = vectors.computeIfAbsent(piece, _ -> fill(new float[width], 1, random));
        for (int i = 0; i < width; i++) {
          values[row * width + i] += (float) (vector[i] / Math.sqrt(parts));
        }
      }
      row++;
    }
    return values;
  }

  private static float[] fill(float[] values, double deviation, SplittableRandom random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return values;
  }
}

package org.codonfuse.encoder;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorData;

/**
 * An encoder that has learned nothing yet, as the reference implementations begin (Hugging Face's
 * ESM): weights and tables are normal with deviation 0.02, biases and the rows of padding zero,
 * normalisations one.
 */
public final class FreshEncoder {
  private static final double DEVIATION = 0.02;

  /** Tables that have a row for padding. */
  private static final Set<String> TABLES =
      Set.of(EncoderParameters.TOKENS, "embeddings.positions.weight");

  private FreshEncoder() {}

  /**
   * Writes a model directory with a head that scores tokens: {@code config.json}, {@code vocab.txt}
   * with the published vocabulary and {@code model.safetensors}.
   *
   * @param config of that family, see {@link EncoderFamily#of(EncoderConfig, Path)}
   * @param seed the same seed gives the same bytes
   * @throws CodonfuseException if the directory cannot be written
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
    head(config, random)
        .forEach(
            (name, values) ->
                tensors.put(
                    CheckpointNames.publishedHead(config, false, name),
                    TensorData.of(EncoderParameters.headShapes(config).get(name), values)));
    SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors);
    AtomicFiles.writeString(
        directory.resolve(EncoderDescription.VOCABULARY),
        String.join("\n", family.vocabulary()) + "\n");
    AtomicFiles.writeString(directory.resolve(EncoderDescription.CONFIG), config.toJson());
  }

  /** The number of values that {@link #write} writes, rotary frequencies apart. */
  public static long parameters(EncoderConfig config) {
    long encoder =
        EncoderParameters.shapes(config).entrySet().stream()
            .filter(tensor -> !tensor.getKey().endsWith(EncoderParameters.FREQUENCIES))
            .mapToLong(tensor -> tensor.getValue().size())
            .sum();
    return encoder
        + EncoderParameters.headShapes(config).entrySet().stream()
            .filter(tensor -> isInHead(config, tensor.getKey()))
            .mapToLong(tensor -> tensor.getValue().size())
            .sum();
  }

  /** The last layer is the table of tokens, but for Nucleotide Transformers. */
  private static boolean isInHead(EncoderConfig config, String name) {
    return config.gated() || !name.equals(EncoderParameters.DECODER);
  }

  /**
   * A head that scores tokens for an encoder that has none, by the names of the parameters of
   * {@link TrainableEncoder}.
   */
  public static Map<String, float[]> head(EncoderConfig config, long seed) {
    return head(config, new SplittableRandom(seed));
  }

  private static Map<String, float[]> head(EncoderConfig config, SplittableRandom random) {
    Map<String, float[]> head = new LinkedHashMap<>();
    EncoderParameters.headShapes(config)
        .forEach(
            (name, shape) -> {
              if (isInHead(config, name)) {
                head.put(name, values(config, name, shape, random));
              }
            });
    return head;
  }

  private static float[] values(
      EncoderConfig config, String name, Shape shape, SplittableRandom random) {
    if (name.endsWith(EncoderParameters.FREQUENCIES)) {
      return EncoderParameters.frequencies(config.headWidth());
    }
    float[] values = new float[shape.intSize()];
    if (name.endsWith("norm.weight")) {
      Arrays.fill(values, 1);
    } else if (!name.endsWith("bias")) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (DEVIATION * random.nextGaussian());
      }
    }
    if (TABLES.contains(name)) {
      int width = shape.intDim(1);
      Arrays.fill(values, config.padId() * width, (config.padId() + 1) * width, 0);
    }
    return values;
  }
}

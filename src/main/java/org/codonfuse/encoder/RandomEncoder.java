package org.codonfuse.encoder;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.UUID;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorData;

/**
 * Writes model directories in the published layout with random weights: for demonstrations,
 * benchmarks and tests, where the shape matters and the biology does not.
 */
public final class RandomEncoder {
  private static final int CHUNK = 1 << 16;

  private RandomEncoder() {}

  /**
   * Writes {@code config.json}, {@code vocab.txt} and {@code model.safetensors}.
   *
   * @param config see {@link EncoderFamily#config}
   * @param seed the same seed gives the same bytes
   * @throws CodonfuseException if the directory cannot be written; while it is being written it
   *     needs room for the weights twice
   */
  public static void write(Path directory, EncoderFamily family, EncoderConfig config, long seed) {
    // First, because it is what fails for lack of room, and the directory stays empty then.
    writeWeights(directory, family, config, seed);
    AtomicFiles.writeString(
        directory.resolve("vocab.txt"), String.join("\n", family.vocabulary()) + "\n");
    AtomicFiles.writeString(directory.resolve("config.json"), config.toJson());
  }

  /** Large encoders do not fit on the heap: the values are made on disk, then put in order. */
  private static void writeWeights(
      Path directory, EncoderFamily family, EncoderConfig config, long seed) {
    try (FileChannel channel = temporary(directory);
        Arena arena = Arena.ofConfined()) {
      SequencedMap<String, Shape> shapes = EncoderParameters.shapes(config);
      SplittableRandom random = new SplittableRandom(seed);
      for (Map.Entry<String, Shape> parameter : shapes.entrySet()) {
        write(channel, values(family, config, parameter.getKey(), parameter.getValue(), random));
      }
      MemorySegment written = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      Map<String, TensorData> tensors = new LinkedHashMap<>();
      long at = 0;
      for (Map.Entry<String, Shape> parameter : shapes.entrySet()) {
        long size = parameter.getValue().size() * Float.BYTES;
        tensors.put(
            CheckpointNames.published(config, parameter.getKey()),
            new TensorData(StoredType.F32, parameter.getValue(), written.asSlice(at, size)));
        at += size;
      }
      SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(directory, e);
    }
  }

  private static FileChannel temporary(Path directory) throws IOException {
    Files.createDirectories(directory);
    return FileChannel.open(
        directory.resolve(".values-" + UUID.randomUUID() + ".part"),
        StandardOpenOption.CREATE_NEW,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }

  private static void write(FileChannel channel, float[] values) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < values.length; at += CHUNK) {
      int count = Math.min(CHUNK, values.length - at);
      bytes.clear().limit(count * Float.BYTES);
      bytes.asFloatBuffer().put(values, at, count);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
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

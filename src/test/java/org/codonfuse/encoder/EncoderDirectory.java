package org.codonfuse.encoder;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.codonfuse.compute.Shape;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorData;
import org.codonfuse.weights.TensorInfo;

/**
 * A small model directory with random weights, norms and biases included, that tests change.
 *
 * @param path where it is
 */
record EncoderDirectory(Path path) {
  static EncoderDirectory write(Path path, EncoderFamily family, EncoderConfig config) {
    RandomEncoder.write(path, family, config, 11);
    EncoderDirectory directory = new EncoderDirectory(path);
    SplittableRandom random = new SplittableRandom(12);
    directory.weights(
        tensors ->
            tensors.replaceAll(
                (name, data) -> data.shape().rank() == 1 ? disturbed(data, random) : data));
    return directory;
  }

  /** Norms, biases and frequencies that are not the ones of a fresh model. */
  private static TensorData disturbed(TensorData data, SplittableRandom random) {
    float[] values = data.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (0.2 * (random.nextDouble() - 0.5));
    }
    return TensorData.of(data.shape(), values);
  }

  Path config() {
    return path.resolve("config.json");
  }

  Path vocabulary() {
    return path.resolve("vocab.txt");
  }

  Path weights() {
    return path.resolve("model.safetensors");
  }

  EncoderDirectory weights(Consumer<Map<String, TensorData>> change) {
    Map<String, TensorData> tensors = new TreeMap<>();
    try (SafetensorsFile source = SafetensorsFile.open(weights())) {
      for (String name : source.names()) {
        TensorInfo info = source.info(name);
        byte[] bytes = source.segment(name).toArray(ValueLayout.JAVA_BYTE);
        tensors.put(name, new TensorData(info.type(), info.shape(), MemorySegment.ofArray(bytes)));
      }
    }
    change.accept(tensors);
    SafetensorsWriter.write(weights(), tensors);
    return this;
  }

  /** Gives every tensor another name. */
  EncoderDirectory rename(String from, String to) {
    return weights(
        tensors -> {
          Map<String, TensorData> renamed =
              tensors.entrySet().stream()
                  .collect(
                      Collectors.toMap(e -> e.getKey().replace(from, to), Map.Entry::getValue));
          tensors.clear();
          tensors.putAll(renamed);
        });
  }

  EncoderDirectory config(Consumer<ObjectNode> change) {
    JsonMapper mapper = JsonMapper.builder().build();
    try {
      ObjectNode json = (ObjectNode) mapper.readTree(config().toFile());
      change.accept(json);
      Files.writeString(config(), json.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  void content(Path file, byte[] content) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] content(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TensorData zeros(long... shape) {
    return TensorData.of(Shape.of(shape), new float[Shape.of(shape).intSize()]);
  }
}

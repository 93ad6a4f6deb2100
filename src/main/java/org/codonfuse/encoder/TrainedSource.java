package org.codonfuse.encoder;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codonfuse.compute.Shape;
import org.codonfuse.encoder.CheckpointNames.Role;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorData;
import org.codonfuse.weights.TensorInfo;
import org.codonfuse.weights.TensorSource;

/**
 * The weights of an encoder with some of them replaced, or a head that the file has not, in
 * float32; the others are the file's. Owns the file.
 */
final class TrainedSource implements TensorSource {
  private final TensorSource source;
  private final Map<String, TensorInfo> infos = new HashMap<>();
  private final Map<String, float[]> values = new HashMap<>();
  private final Set<String> names;

  /**
   * @param source an encoder of that configuration, in any published layout
   * @param trained values in row-major order by the names of {@link EncoderParameters}
   * @throws IllegalArgumentException if one is no tensor of such an encoder, or of another size;
   *     the source stays open then
   */
  TrainedSource(EncoderConfig config, TensorSource source, Map<String, float[]> trained) {
    this.source = source;
    this.names = new LinkedHashSet<>(source.names());
    Map<String, String> parameters = EncoderParameters.names(config, source);
    boolean fairseq = HeadNames.isFairseq(parameters);
    Map<String, Shape> shapes = new HashMap<>(EncoderParameters.shapes(config));
    shapes.putAll(EncoderParameters.headShapes(config));
    Map<String, List<String>> heads = heads(source);
    trained.forEach(
        (ours, of) -> {
          Shape shape = shapes.get(ours);
          if (shape == null || shape.size() != of.length) {
            throw new IllegalArgumentException(
                "'%s' of shape %s cannot become %d values".formatted(ours, shape, of.length));
          }
          List<String> published =
              parameters.containsKey(ours)
                  ? List.of(parameters.get(ours))
                  : heads.getOrDefault(
                      ours, List.of(CheckpointNames.publishedHead(config, fairseq, ours)));
          published.forEach(name -> replace(name, shape, of));
        });
    float[] table = trained.get(EncoderParameters.TOKENS);
    for (String decoder : heads.getOrDefault(EncoderParameters.DECODER, List.of())) {
      if (table != null
          && !infos.containsKey(decoder)
          && EncoderParameters.isTied(config, source, decoder)) {
        replace(decoder, shapes.get(EncoderParameters.DECODER), table);
      }
    }
  }

  /** The names in a file of the tensors of its head: some files have one twice. */
  private static Map<String, List<String>> heads(TensorSource source) {
    Map<String, List<String>> heads = new HashMap<>();
    for (String name : source.names()) {
      if (CheckpointNames.role(name).orElse(null) instanceof Role.Head(String ours)) {
        heads.computeIfAbsent(ours, _ -> new ArrayList<>()).add(name);
      }
    }
    return heads;
  }

  private void replace(String name, Shape shape, float[] of) {
    names.add(name);
    infos.put(name, new TensorInfo(name, StoredType.F32, shape));
    values.put(name, of);
  }

  @Override
  public Path path() {
    return source.path();
  }

  @Override
  public Set<String> names() {
    return names;
  }

  @Override
  public Map<String, String> metadata() {
    return source.metadata();
  }

  @Override
  public TensorInfo info(String name) {
    TensorInfo info = infos.get(name);
    return info == null ? source.info(name) : info;
  }

  /** The file's bytes in place; those of a replaced tensor are on the heap and not kept. */
  @Override
  public MemorySegment segment(String name) {
    float[] of = values.get(name);
    return of == null ? source.segment(name) : TensorData.of(infos.get(name).shape(), of).data();
  }

  @Override
  public float[] floats(String name) {
    float[] of = values.get(name);
    return of == null ? source.floats(name) : of.clone();
  }

  @Override
  public void close() {
    source.close();
  }
}

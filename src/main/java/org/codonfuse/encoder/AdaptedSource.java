package org.codonfuse.encoder;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.lora.LoraFactors;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorData;
import org.codonfuse.weights.TensorInfo;
import org.codonfuse.weights.TensorSource;

/**
 * The weights of an encoder with the updates of an adapter added: those that it changes are
 * computed whenever they are asked for, in float32, the others are the file's. Owns the file.
 */
final class AdaptedSource implements TensorSource {
  private final TensorSource source;
  private final double scale;
  private final Map<String, LoraFactors> updates = new HashMap<>();

  /**
   * @param source an encoder of that configuration, in any published layout
   * @throws CodonfuseException if the adapter does not fit, or the source is damaged; the source
   *     stays open then
   */
  AdaptedSource(EncoderConfig config, TensorSource source, LoraAdapter adapter) {
    this.source = source;
    this.scale = adapter.settings().scale();
    Map<String, String> names = EncoderParameters.names(config, source);
    AdaptableModules.of(config)
        .factors(adapter)
        .forEach((module, factors) -> updates.put(names.get(module.name() + ".weight"), factors));
  }

  @Override
  public Path path() {
    return source.path();
  }

  @Override
  public Set<String> names() {
    return source.names();
  }

  @Override
  public Map<String, String> metadata() {
    return source.metadata();
  }

  @Override
  public TensorInfo info(String name) {
    TensorInfo info = source.info(name);
    return updates.containsKey(name) ? new TensorInfo(name, StoredType.F32, info.shape()) : info;
  }

  /** The file's bytes in place; those of a changed weight are on the heap and not kept. */
  @Override
  public MemorySegment segment(String name) {
    return updates.containsKey(name)
        ? TensorData.of(info(name).shape(), floats(name)).data()
        : source.segment(name);
  }

  @Override
  public float[] floats(String name) {
    float[] values = source.floats(name);
    LoraFactors update = updates.get(name);
    if (update != null) {
      update.addTo(values, scale);
    }
    return values;
  }

  @Override
  public void close() {
    source.close();
  }
}

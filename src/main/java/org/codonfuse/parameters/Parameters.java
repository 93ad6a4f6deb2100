package org.codonfuse.parameters;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Seeds;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorData;

/**
 * The named tensors of a model, float32. Owns them: any thread may read them, and closing releases
 * them.
 */
public final class Parameters implements AutoCloseable {
  private final Scope owner;
  private final SequencedMap<String, Tensor> tensors;

  private Parameters(Scope owner, SequencedMap<String, Tensor> tensors) {
    this.owner = owner;
    this.tensors = tensors;
  }

  /**
   * Fresh parameters. A parameter's values depend on the seed and its own name alone, so that they
   * are the same on every backend and whatever else the model has.
   */
  public static Parameters initialise(Backend backend, List<ParameterSpec> specs, long seed) {
    return create(
        backend,
        specs,
        spec -> {
          float[] values =
              spec.initializer().draw(spec.shape().intSize(), random(seed, spec.name()));
          return backend.tensor(values, spec.shape());
        });
  }

  /** Fresh parameters that can be trained; see {@link #initialise}. */
  public static Parameters initialiseTrainable(
      TrainableBackend backend, List<ParameterSpec> specs, long seed) {
    try (Parameters initial = initialise(backend, specs, seed)) {
      return initial.trainable(backend);
    }
  }

  /**
   * Reads a checkpoint, strictly.
   *
   * @param specs exactly what the file must hold
   * @throws CodonfuseException that names a missing or unknown tensor or a wrong shape
   */
  public static Parameters load(Backend backend, List<ParameterSpec> specs, Path file) {
    try (SafetensorsFile source = SafetensorsFile.open(file)) {
      TreeSet<String> unknown = new TreeSet<>(source.names());
      for (ParameterSpec spec : specs) {
        if (!unknown.remove(spec.name())) {
          throw new CodonfuseException(
              file
                  + ": tensor '"
                  + spec.name()
                  + "' is missing; the file belongs to another model or is damaged.");
        }
        Shape shape = source.info(spec.name()).shape();
        if (!shape.equals(spec.shape())) {
          throw new CodonfuseException(
              file
                  + ": tensor '"
                  + spec.name()
                  + "' has shape "
                  + shape
                  + " where this model needs "
                  + spec.shape()
                  + "; the file belongs to another model.");
        }
      }
      if (!unknown.isEmpty()) {
        throw new CodonfuseException(
            file
                + ": tensor '"
                + unknown.first()
                + "' is not part of this model; the file belongs to another one.");
      }
      return create(
          backend, specs, spec -> backend.tensor(source.floats(spec.name()), spec.shape()));
    }
  }

  /** A trainable copy of these parameters, which stay as they are. */
  public Parameters trainable(TrainableBackend backend) {
    Scope copyOwner = backend.newOwner();
    SequencedMap<String, Tensor> copies = new LinkedHashMap<>();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      tensors.forEach(
          (name, tensor) -> copies.put(name, copyOwner.adopt(backend.parameter(tensor))));
    } catch (RuntimeException | Error e) {
      copyOwner.close();
      throw e;
    }
    return new Parameters(copyOwner, copies);
  }

  /**
   * One parameter.
   *
   * @throws IllegalArgumentException if the model has no such parameter
   */
  public Tensor get(String name) {
    return find(name)
        .orElseThrow(() -> new IllegalArgumentException("No parameter '" + name + "'"));
  }

  /** One parameter, if the model has it. */
  public Optional<Tensor> find(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /** All names, in the model's order. */
  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  /** All tensors, in the model's order. */
  public List<Tensor> tensors() {
    return List.copyOf(tensors.values());
  }

  /** Number of values. */
  public long count() {
    return tensors.values().stream().mapToLong(tensor -> tensor.shape().size()).sum();
  }

  /** A copy of all values on the heap, by name. */
  public Map<String, float[]> snapshot() {
    Map<String, float[]> values = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> values.put(name, tensor.toFloats()));
    return values;
  }

  /** Overwrites trainable parameters with a {@link #snapshot}. */
  public void restore(TrainableBackend backend, Map<String, float[]> values) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      tensors.forEach(
          (name, tensor) ->
              backend.assign(tensor, backend.tensor(values.get(name), tensor.shape())));
    }
  }

  /** Writes all parameters as float32 safetensors. */
  public void save(Path file, Map<String, String> metadata) {
    save(file, names(), metadata);
  }

  /** Writes some parameters as float32 safetensors. */
  public void save(Path file, List<String> names, Map<String, String> metadata) {
    Map<String, TensorData> data = new LinkedHashMap<>();
    for (String name : names) {
      Tensor tensor = get(name);
      data.put(name, TensorData.of(tensor.shape(), tensor.toFloats()));
    }
    SafetensorsWriter.write(file, data, metadata);
  }

  @Override
  public void close() {
    owner.close();
  }

  static Parameters create(
      Backend backend, List<ParameterSpec> specs, Function<ParameterSpec, Tensor> values) {
    Scope owner = backend.newOwner();
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      for (ParameterSpec spec : specs) {
        Tensor tensor = owner.adopt(values.apply(spec));
        if (tensors.put(spec.name(), tensor) != null) {
          throw new IllegalArgumentException("Two parameters are named " + spec.name());
        }
      }
    } catch (RuntimeException | Error e) {
      owner.close();
      throw e;
    }
    return new Parameters(owner, tensors);
  }

  private static RandomGenerator random(long seed, String name) {
    CRC32 hash = new CRC32();
    hash.update(name.getBytes(StandardCharsets.UTF_8));
    return new SplittableRandom(Seeds.mix(seed, hash.getValue()));
  }
}

package org.codonfuse.lora;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.codonfuse.CodonfuseException;
import org.codonfuse.weights.Sha256;

/**
 * The updates that make one encoder of another, on the heap, as PEFT 0.21 keeps them in a
 * directory: {@code adapter_config.json} and {@code adapter_model.safetensors}.
 */
public final class LoraAdapter {
  /** The file with the settings, by which an adapter's directory is known. */
  public static final String CONFIG = "adapter_config.json";

  /** The file with the factors. */
  public static final String WEIGHTS = "adapter_model.safetensors";

  private final LoraSettings settings;
  private final SequencedMap<String, LoraFactors> modules;
  private final Base base;
  private final Predicate<String> targets;
  private final Optional<Path> directory;

  /**
   * What an adapter notes about the model that it was trained on.
   *
   * @param name its directory or its name at a hub
   * @param fingerprint hash over its files, if this program trained the adapter
   * @param model the class that Python has for it
   */
  public record Base(
      Optional<String> name, Optional<String> fingerprint, Optional<ModelClass> model) {
    /** Nothing. */
    public static final Base UNKNOWN =
        new Base(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * A model's class in Python.
   *
   * @param name such as {@code EsmModel}
   * @param library such as {@code transformers.models.esm.modeling_esm}
   */
  public record ModelClass(String name, String library) {}

  /**
   * An adapter that was made here.
   *
   * @param settings with targets that name exactly the modules
   * @param modules by their path in the published model without its prefix, such as {@code
   *     encoder.layer.0.attention.self.query}, in the order that they have there
   * @throws IllegalArgumentException if a rank is another than in the settings, or a module no
   *     target
   */
  public LoraAdapter(LoraSettings settings, SequencedMap<String, LoraFactors> modules, Base base) {
    this(settings, modules, base, settings::adapts, Optional.empty());
    modules.forEach(
        (module, factors) -> {
          if (factors.rank() != settings.rank() || !settings.adapts(module)) {
            throw new IllegalArgumentException(
                module + " of rank " + factors.rank() + " does not fit " + settings);
          }
        });
  }

  private LoraAdapter(
      LoraSettings settings,
      SequencedMap<String, LoraFactors> modules,
      Base base,
      Predicate<String> targets,
      Optional<Path> directory) {
    this.settings = settings;
    this.modules = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(modules));
    this.base = base;
    this.targets = targets;
    this.directory = directory;
  }

  /** Whether a directory holds an adapter, by its file of settings. */
  public static boolean isAdapter(Path directory) {
    return Files.exists(directory.resolve(CONFIG));
  }

  /**
   * Reads an adapter strictly. Factors may also be in {@code adapter_model.bin}, as PEFT wrote them
   * before 0.6. Whether it fits an encoder is for the encoder to check.
   *
   * @throws CodonfuseException that names the file and the field or tensor that is missing, damaged
   *     or not supported, and says what to do
   */
  public static LoraAdapter read(Path directory) {
    AdapterConfig config = AdapterConfig.read(directory.resolve(CONFIG));
    AdapterWeights weights = AdapterWeights.read(directory, config);
    LoraSettings settings = config.settings(weights.modules().keySet());
    Base base = new Base(config.baseName(), weights.baseFingerprint(), config.model());
    return new LoraAdapter(
        settings, weights.modules(), base, config.targets(), Optional.of(directory));
  }

  /**
   * Writes the directory that {@link #read} and PEFT read, the settings last, so that a directory
   * that has them is whole.
   *
   * @throws CodonfuseException if it cannot be written
   */
  public void write(Path target) {
    AdapterWeights.write(target, modules, base.fingerprint());
    AdapterConfig.write(target.resolve(CONFIG), settings, base);
  }

  /** How it was made. */
  public LoraSettings settings() {
    return settings;
  }

  /** The factors by the path of the module, see the constructor. */
  public SequencedMap<String, LoraFactors> modules() {
    return modules;
  }

  /** What it was trained on. */
  public Base base() {
    return base;
  }

  /** The directory that it was read from; empty if it was made here. */
  public Optional<Path> directory() {
    return directory;
  }

  /** Whether its targets name a module, so that it must have factors for it. */
  public boolean targets(String module) {
    return targets.test(module);
  }

  /**
   * Checks that an encoder is the one that it was trained on, if it notes that.
   *
   * @param encoder its directory
   * @param fingerprint of its files, asked for only where it is needed
   * @throws CodonfuseException if it is another
   */
  public void requireBase(Path encoder, Supplier<String> fingerprint) {
    if (base.fingerprint().isPresent() && !base.fingerprint().get().equals(fingerprint.get())) {
      throw new CodonfuseException(
          "%s: is not the model that %s was trained on%s (its files differ); give that one."
              .formatted(
                  encoder,
                  directory.map(Path::toString).orElse("the adapter"),
                  base.name().map(name -> ", " + name).orElse("")));
    }
  }

  /** Number of values of all factors. */
  public long parameters() {
    return modules.values().stream().mapToLong(LoraFactors::parameters).sum();
  }

  /** A hash over all that the updates are computed from: the scale and the factors. */
  public String fingerprint() {
    MessageDigest digest = Sha256.newDigest();
    digest.update(bytes(settings.scale()));
    modules.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            module -> {
              digest.update(module.getKey().getBytes(StandardCharsets.UTF_8));
              digest.update(bytes(module.getValue().a()));
              digest.update(bytes(module.getValue().b()));
            });
    return Sha256.hex(digest);
  }

  private static byte[] bytes(double value) {
    return ByteBuffer.allocate(Double.BYTES).putDouble(value).array();
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }
}

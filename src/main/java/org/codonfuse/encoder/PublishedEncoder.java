package org.codonfuse.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Progress;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.weights.Checkpoint;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.Sha256;
import org.codonfuse.weights.StoredTensor;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorContent;
import org.codonfuse.weights.TensorInfo;
import org.codonfuse.weights.TensorSource;

/**
 * The files of an encoder in any published layout, checked as strictly as they are loaded, but
 * without a backend: for checking and converting them. Owns the mapped weights. Any thread may use
 * it; closing releases the weights.
 */
public final class PublishedEncoder implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String WEIGHTS = "model.safetensors";

  private final EncoderConfig config;
  private final String configJson;
  private final List<String> vocabulary;
  private final EncoderFamily family;
  private final List<Path> files;
  private final TensorSource source;
  private final SequencedMap<String, String> names;

  private PublishedEncoder(
      EncoderConfig config,
      String configJson,
      List<String> vocabulary,
      EncoderFamily family,
      List<Path> files,
      TensorSource source) {
    this.config = config;
    this.configJson = configJson;
    this.vocabulary = List.copyOf(vocabulary);
    this.family = family;
    this.files = List.copyOf(files);
    this.source = source;
    this.names = EncoderParameters.names(config, source);
  }

  /**
   * Opens a model directory.
   *
   * @throws CodonfuseException that names the file and what is wrong with it
   */
  public static PublishedEncoder open(Path directory) {
    return open(directory, Optional.empty());
  }

  /**
   * Opens a model directory; if there is an adapter, the weights that it changes are float32 with
   * its updates added.
   *
   * @throws CodonfuseException that names the file and what is wrong with it, or the adapter and
   *     why it is not for this model
   */
  public static PublishedEncoder open(Path directory, Optional<LoraAdapter> adapter) {
    adapter.ifPresent(
        a ->
            a.requireBase(
                directory, () -> fingerprint(files(directory, Checkpoint.find(directory)))));
    return open(
        directory,
        (config, source) ->
            adapter.isEmpty() ? source : new AdaptedSource(config, source, adapter.get()));
  }

  /**
   * Opens a model directory with some of its tensors replaced, or with a head that it has not.
   *
   * @param trained float32 values in row-major order by the names of the parameters of {@link
   *     TrainableEncoder}
   * @throws CodonfuseException that names the file and what is wrong with it
   * @throws IllegalArgumentException if one is no tensor of such an encoder
   */
  public static PublishedEncoder open(Path directory, Map<String, float[]> trained) {
    return open(directory, (config, source) -> new TrainedSource(config, source, trained));
  }

  private static PublishedEncoder open(
      Path directory, BiFunction<EncoderConfig, TensorSource, TensorSource> changed) {
    EncoderDescription description = EncoderDescription.read(directory);
    Checkpoint checkpoint = Checkpoint.find(directory);
    List<Path> files = files(directory, checkpoint);
    return open(
        checkpoint,
        source ->
            new PublishedEncoder(
                description.config(),
                text(files.getFirst()),
                description.vocabulary().tokens(),
                EncoderFamily.of(description.tokenizer().molecule()),
                files,
                changed.apply(description.config(), source)));
  }

  private static List<Path> files(Path directory, Checkpoint checkpoint) {
    List<Path> files = new ArrayList<>(EncoderDescription.files(directory));
    files.addAll(checkpoint.files());
    return files;
  }

  private static String fingerprint(List<Path> files) {
    return EncoderDescription.fingerprint(files.stream().map(Sha256::of).toList());
  }

  /**
   * Opens RNA-FM weights that came without {@code config.json} and {@code vocab.txt}, as the
   * original {@code RNA-FM_pretrained.pth} does. The published vocabulary is taken, the shape from
   * the tensors, and the number of heads from the options in the file, or 20 where the hidden size
   * is the published 640.
   *
   * @param configuration the {@code config.json} to use instead
   * @throws CodonfuseException if they are no such weights, or the number of heads is unknown
   */
  public static PublishedEncoder openBare(Path weights, Optional<Path> configuration) {
    return open(
        Checkpoint.of(weights),
        source -> {
          EncoderConfig config =
              configuration.map(EncoderConfig::read).orElseGet(() -> BareRnaFm.config(source));
          List<String> vocabulary = EncoderFamily.RNA_FM.vocabulary();
          if (config.vocabularySize() != vocabulary.size()
              || config.padId() != vocabulary.indexOf("<pad>")
              || config.maskId() != vocabulary.indexOf("<mask>")) {
            throw new CodonfuseException(
                weights
                    + ": its vocabulary is not that of RNA-FM; put it into a directory with its"
                    + " config.json and vocab.txt and convert that.");
          }
          String json = configuration.map(PublishedEncoder::text).orElseGet(config::toJson);
          return new PublishedEncoder(
              config, json, vocabulary, EncoderFamily.RNA_FM, List.of(weights), source);
        });
  }

  /** Makes an encoder of weights, which are closed again if that fails. */
  private static PublishedEncoder open(Checkpoint checkpoint, Maker maker) {
    TensorSource source = checkpoint.open();
    try {
      return maker.make(source);
    } catch (RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }

  @FunctionalInterface
  private interface Maker {
    PublishedEncoder make(TensorSource source);
  }

  /** The family that it belongs to. */
  public EncoderFamily family() {
    return family;
  }

  /** What identifies its files, as {@link Encoder#baseFingerprint} does. */
  public String fingerprint() {
    return fingerprint(files);
  }

  /** Its configuration. */
  public EncoderConfig config() {
    return config;
  }

  /** Whether it has the head that scores tokens. */
  public boolean hasHead() {
    return EncoderParameters.hasHead(source);
  }

  /** The number of tokens in its vocabulary. */
  public int vocabularySize() {
    return vocabulary.size();
  }

  /** What it was read from: configuration and vocabulary, if there were any, then the weights. */
  public List<Path> files() {
    return files;
  }

  /** The number of all parameters that the encoder computes with, frequencies apart. */
  public long parameters() {
    return names.entrySet().stream()
        .filter(name -> !isFrequencies(name.getKey()))
        .mapToLong(name -> source.info(name.getValue()).shape().size())
        .sum();
  }

  /** One of them, by our name. */
  float[] values(String ours) {
    return source.floats(names.get(ours));
  }

  /** The types that these parameters are stored in. */
  public Set<StoredType> types() {
    Set<StoredType> types = new TreeSet<>();
    names.forEach(
        (ours, stored) -> {
          if (!isFrequencies(ours)) {
            types.add(source.info(stored).type());
          }
        });
    return types;
  }

  /**
   * Reads every floating point tensor.
   *
   * @throws CodonfuseException that names one that holds NaN or infinity
   */
  public void requireFinite(Progress progress) {
    Set<String> all = source.names();
    try (Progress.Task task = progress.start("Reading", all.size())) {
      for (String name : all) {
        TensorInfo info = source.info(name);
        if (info.type().dtype().filter(dtype -> dtype.isFloating()).isPresent()) {
          requireFinite(name);
        }
        task.step(1);
      }
    }
  }

  private void requireFinite(String name) {
    float[] values = source.floats(name);
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new CodonfuseException(
            "%s: tensor '%s' holds %s at element %d; download the weights, or export them, again."
                .formatted(source.path(), name, values[i], i));
      }
    }
  }

  /**
   * Writes a model directory with {@code config.json}, {@code vocab.txt} and {@code
   * model.safetensors} in the names of Hugging Face's ESM, or of MultiMolecule where the model type
   * is {@code rnafm}, which Python reads. The configuration comes last, so that a directory that
   * has one is whole.
   *
   * @param type F32, F16 or BF16; empty for the type of each tensor. Rotary frequencies keep
   *     theirs, for they are used as they are stored.
   * @throws CodonfuseException if it cannot be written or a number is too large for the type
   */
  public void write(Path directory, Optional<StoredType> type) {
    Map<String, TensorContent> tensors = new LinkedHashMap<>();
    names.forEach(
        (ours, stored) ->
            put(
                tensors,
                CheckpointNames.published(config, ours),
                stored,
                isFrequencies(ours) ? Optional.empty() : type));
    Set<String> parameters = Set.copyOf(names.values());
    boolean fairseq = HeadNames.isFairseq(names);
    for (String stored : source.names()) {
      if (!parameters.contains(stored)) {
        HeadNames.published(config, fairseq, stored)
            .ifPresent(name -> put(tensors, name, stored, type));
      }
    }
    AtomicFiles.writeString(
        directory.resolve(EncoderDescription.VOCABULARY), String.join("\n", vocabulary) + "\n");
    SafetensorsWriter.write(directory.resolve(WEIGHTS), tensors);
    AtomicFiles.writeString(directory.resolve(EncoderDescription.CONFIG), configJson(type));
  }

  private void put(
      Map<String, TensorContent> tensors, String name, String stored, Optional<StoredType> type) {
    StoredTensor tensor = StoredTensor.of(source, stored);
    boolean floating = tensor.type().dtype().filter(dtype -> dtype.isFloating()).isPresent();
    if (floating && type.isPresent()) {
      tensor = new StoredTensor(source, stored, type.get());
    }
    if (tensors.put(name, tensor) != null) {
      throw new CodonfuseException(
          "%s: two tensors would be named '%s'; remove one of them."
              .formatted(source.path(), name));
    }
  }

  /** The configuration as it was, with the type that the weights have now. */
  private String configJson(Optional<StoredType> type) {
    if (type.isEmpty()) {
      return configJson;
    }
    try {
      JsonNode json = JSON.readTree(configJson);
      String label = type.get().dtype().orElseThrow().name().toLowerCase(Locale.ROOT);
      ((ObjectNode) json).put(json.has("dtype") ? "dtype" : "torch_dtype", label);
      return json.toPrettyString() + "\n";
    } catch (IOException e) {
      throw new IllegalStateException("It was read before", e);
    }
  }

  private static boolean isFrequencies(String ours) {
    return ours.endsWith(EncoderParameters.FREQUENCIES);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }

  @Override
  public void close() {
    source.close();
  }
}

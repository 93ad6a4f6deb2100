package org.codonfuse.training.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Precision;
import org.codonfuse.embedding.LongPolicy;
import org.codonfuse.encoder.EncoderLayer;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Json;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TrainingSettings;

/**
 * {@code config.json} of a run: all that is needed to rebuild the model and to feed it, and where
 * the run came from.
 *
 * @param format version of this file
 * @param codonfuse version of the program
 * @param backend what computed
 * @param task what is predicted
 * @param classes the classes by index, empty for regression
 * @param data what it was trained on
 * @param streams its inputs
 * @param fusion its fusion
 * @param head its head
 * @param targets what is predicted; one for classes
 * @param classWeights how much each class counted in the loss; empty if all did the same
 * @param training how it was trained
 * @param fineTuning which encoders learned with it, and how
 * @param size how many numbers it consists of
 * @param bestEpoch the epoch whose parameters are the model's
 */
public record RunConfig(
    int format,
    String codonfuse,
    String backend,
    Task task,
    List<String> classes,
    Data data,
    List<Stream> streams,
    FusionConfig fusion,
    HeadConfig head,
    List<TargetConfig> targets,
    List<Double> classWeights,
    TrainingSettings training,
    FineTuning fineTuning,
    Size size,
    int bestEpoch) {

  /** The version of {@code config.json} that this program writes and reads. */
  public static final int FORMAT = 5;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  /**
   * What a run was trained on.
   *
   * @param file the file
   * @param sha256 hash of its bytes
   * @param geneticCode NCBI table that proteins are translated with
   * @param maxNucleotides longer sequences are cut to this; 0 if they are not, because a store
   *     decides how much of them it has
   * @param splits number of sequences by split
   */
  public record Data(
      String file,
      String sha256,
      int geneticCode,
      int maxNucleotides,
      Map<String, Integer> splits) {}

  /**
   * An input of the model.
   *
   * @param name of the stream, in tensor names
   * @param molecule what it describes
   * @param width of its embeddings
   * @param encoder directory of the encoder, or for a store what its manifest calls it
   * @param fingerprint hash over the encoder's files
   * @param embedding how the encoder was run
   */
  public record Stream(
      String name,
      Molecule molecule,
      int width,
      String encoder,
      String fingerprint,
      Embedding embedding) {}

  /**
   * How an encoder is run.
   *
   * @param layer whose output the embeddings are, as {@link EncoderLayer#parse} reads it
   * @param computed what the matrix products are computed in
   * @param stored what the embeddings are rounded to
   * @param longSequences what becomes of sequences that the encoder cannot read whole
   * @param store where the embeddings were read from; empty if the encoder was given
   */
  public record Embedding(
      String layer, Precision computed, Precision stored, LongPolicy longSequences, String store) {
    /** The last layer of an encoder that is given. */
    public static Embedding of(Precision precision) {
      return new Embedding(
          EncoderLayer.LAST.label(), precision, precision, LongPolicy.TRUNCATE, "");
    }

    /** The same by the encoder itself, in a precision that its device has. */
    Embedding computedIn(Precision precision) {
      return new Embedding(layer, precision, stored, longSequences, "");
    }
  }

  /**
   * Of how many numbers a model consists; runs of older formats do not say.
   *
   * @param model what fusion and head learned; 0 if it is not known
   * @param encoders what each encoder learned, by the name of its stream
   * @param frozen weights of those encoders that stayed as they were
   */
  public record Size(long model, Map<String, Long> encoders, long frozen) {
    static final Size UNKNOWN = new Size(0, Map.of(), 0);
  }

  /**
   * Reads a run's configuration.
   *
   * @throws CodonfuseException if it is none of a finished run that this version can read
   */
  public static RunConfig read(Path file) {
    try {
      byte[] text = Files.readAllBytes(file);
      // First, because a newer format need not have the fields of this one.
      JsonNode json = JSON.readTree(text);
      requireFormat(file, json);
      RunConfig config =
          json.path("format").intValue() < FORMAT
              ? JSON.treeToValue(RunConfigUpgrade.upgraded((ObjectNode) json), RunConfig.class)
              : JSON.readValue(text, RunConfig.class);
      return config.checked(file);
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
      throw unusable(file + ":" + line, Json.reason(e), e);
    } catch (IOException e) {
      throw new CodonfuseException(
          file
              + ": cannot be read ("
              + AtomicFiles.reason(e)
              + "); name a directory that 'codonfuse train' wrote.",
          e);
    }
  }

  private static void requireFormat(Path file, JsonNode json) {
    if (json.has("baseline")) {
      throw new CodonfuseException(
          file
              + ": is that of the baseline "
              + json.path("baseline").asText()
              + ", which only measures; name a directory that 'codonfuse train' wrote.");
    }
    if (!json.path("format").isInt()) {
      throw unusable(file.toString(), "it has no format number", null);
    }
    int format = json.path("format").intValue();
    if (format < 1 || format > FORMAT) {
      throw new CodonfuseException(
          file
              + ": format "
              + format
              + " where this version reads "
              + FORMAT
              + "; use the version of Codonfuse that wrote the run ("
              + json.path("codonfuse").asText("unknown")
              + ").");
    }
  }

  private RunConfig checked(Path file) {
    if (streams.isEmpty()) {
      throw unusable(file.toString(), "it has no streams", null);
    }
    if (streams.stream().map(Stream::name).distinct().count() < streams.size()) {
      throw unusable(file.toString(), "two of its streams have one name", null);
    }
    if (!HeadConfig.NAMES.contains(head.name())) {
      throw unusable(file.toString(), "head '%s' is unknown".formatted(head.name()), null);
    }
    Set<String> names = streams.stream().map(Stream::name).collect(Collectors.toSet());
    if (!names.containsAll(fineTuning.streams())) {
      throw unusable(file.toString(), "an encoder learned that is none of its streams", null);
    }
    if (head.outputs() != (task == Task.REGRESSION ? targets.size() : classes.size())) {
      throw unusable(file.toString(), "its head has another number of outputs", null);
    }
    return this;
  }

  private static CodonfuseException unusable(String place, String reason, Throwable cause) {
    return new CodonfuseException(
        place
            + ": not the configuration of a run ("
            + reason
            + "); name a directory that 'codonfuse train' wrote.",
        cause);
  }

  /** The same with the epoch whose parameters are the model's. */
  RunConfig withBestEpoch(int epoch) {
    return new RunConfig(
        format,
        codonfuse,
        backend,
        task,
        classes,
        data,
        streams,
        fusion,
        head,
        targets,
        classWeights,
        training,
        fineTuning,
        size,
        epoch);
  }

  /** The content of the file as a tree. */
  ObjectNode toTree() {
    return JSON.valueToTree(this);
  }

  /** A part of the content as a tree. */
  static JsonNode tree(Object part) {
    return JSON.valueToTree(part);
  }

  /** The content of the file. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError("records are always JSON", e);
    }
  }
}

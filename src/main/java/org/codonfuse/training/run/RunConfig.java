package org.codonfuse.training.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.TargetScale;
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
 * @param targetScale how targets were standardised
 * @param training how it was trained
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
    TargetScale targetScale,
    TrainingSettings training,
    int bestEpoch) {

  /** The version of {@code config.json} that this program writes and reads. */
  public static final int FORMAT = 1;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
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
   * @param maxNucleotides longer sequences are cut to this
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
   * @param encoder directory of the encoder
   * @param fingerprint hash over the encoder's files
   */
  public record Stream(
      String name, Molecule molecule, int width, String encoder, String fingerprint) {}

  /**
   * Reads a run's configuration.
   *
   * @throws CodonfuseException if it is none of a finished run that this version can read
   */
  public static RunConfig read(Path file) {
    RunConfig config;
    try (var in = Files.newInputStream(file)) {
      config = JSON.readValue(in, RunConfig.class);
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new CodonfuseException(
          file
              + ":"
              + line
              + ": not the configuration of a run ("
              + e.getOriginalMessage().lines().findFirst().orElse("unreadable")
              + "); name a directory that 'codonfuse train' wrote.",
          e);
    } catch (IOException e) {
      throw new CodonfuseException(
          file
              + ": cannot be read ("
              + AtomicFiles.reason(e)
              + "); name a directory that 'codonfuse train' wrote.",
          e);
    }
    if (config.format() != FORMAT) {
      throw new CodonfuseException(
          file
              + ": format "
              + config.format()
              + " where this version reads "
              + FORMAT
              + "; use the version of Codonfuse that wrote the run ("
              + config.codonfuse()
              + ").");
    }
    return config;
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

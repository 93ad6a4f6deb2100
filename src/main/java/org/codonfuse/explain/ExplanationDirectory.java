package org.codonfuse.explain;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.explain.Explanation.Ablation;
import org.codonfuse.explain.Explanation.AttentionShare;
import org.codonfuse.explain.Explanation.AttentionWeight;
import org.codonfuse.explain.Explanation.CodonAttribution;
import org.codonfuse.explain.Explanation.CodonEffect;
import org.codonfuse.explain.Explanation.Completeness;
import org.codonfuse.explain.Explanation.MapAxis;
import org.codonfuse.explain.Explanation.MapPoint;
import org.codonfuse.explain.Explanation.ModalityShare;
import org.codonfuse.explain.Explanation.ModalityWeight;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.explain.Explanation.PositionProfile;
import org.codonfuse.explain.Explanation.Summary;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.training.run.RunDirectory;

/**
 * The files of an explanation: {@code explanation.json} and a CSV file per table, with a column per
 * component of its record. Tables without rows have no file.
 */
public final class ExplanationDirectory {
  /** Its name within a run. */
  public static final String NAME = RunDirectory.EXPLANATION;

  /** The version of the files that this program writes and reads. */
  public static final int FORMAT = 1;

  private static final String SUMMARY = "explanation.json";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private static final CsvMapper CSV =
      CsvMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(CsvParser.Feature.FAIL_ON_MISSING_HEADER_COLUMNS)
          .build();

  private ExplanationDirectory() {}

  /** Whether a directory has an explanation in it. */
  public static boolean isIn(Path directory) {
    return Files.isRegularFile(directory.resolve(SUMMARY));
  }

  /**
   * Fails where {@link #replace} would destroy something else.
   *
   * @throws UsageException if there is a file, or a directory that holds other things
   */
  public static void requireReplaceable(Path directory) {
    if (Files.exists(directory) && !isIn(directory) && !isEmpty(directory)) {
      throw new UsageException(
          directory + ": is there and is no explanation; choose another --output.");
    }
  }

  private static boolean isEmpty(Path directory) {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    } catch (IOException e) {
      throw AtomicFiles.unreadable(directory, e);
    }
  }

  /**
   * Writes a directory, which takes the place of an earlier one when it is whole.
   *
   * @throws CodonfuseException if it cannot be written; nothing is left behind then
   */
  public static void replace(Path directory, Explanation explanation) {
    requireReplaceable(directory);
    Path absolute = directory.toAbsolutePath();
    Path part = null;
    try {
      Files.createDirectories(absolute.getParent());
      part = sibling(absolute, "part");
      Files.createDirectory(part);
      write(part, explanation);
      if (Files.exists(absolute)) {
        Path old = sibling(absolute, "old");
        Files.move(absolute, old);
        Files.move(part, absolute);
        AtomicFiles.deleteTree(old);
      } else {
        Files.move(part, absolute);
      }
    } catch (IOException e) {
      throw AtomicFiles.unwritable(directory, e);
    } finally {
      remove(part);
    }
  }

  private static Path sibling(Path directory, String kind) {
    String unique = UUID.randomUUID().toString().substring(24);
    return directory.resolveSibling("." + directory.getFileName() + "." + unique + "." + kind);
  }

  private static void remove(Path part) {
    if (part != null && Files.exists(part)) {
      try {
        AtomicFiles.deleteTree(part);
      } catch (IOException ignored) {
        // The write failed already and that failure is the one to report.
      }
    }
  }

  /**
   * Writes all files into a directory that exists.
   *
   * @throws CodonfuseException if one cannot be written
   */
  public static void write(Path directory, Explanation explanation) {
    table(directory, "modality_weights", ModalityWeight.class, explanation.weights());
    table(directory, "ablations", Ablation.class, explanation.ablations());
    table(directory, "modality_shares", ModalityShare.class, explanation.shares());
    table(directory, "completeness", Completeness.class, explanation.completeness());
    table(directory, "attributions", CodonAttribution.class, explanation.attributions());
    table(directory, "mutations", Mutation.class, explanation.mutations());
    table(directory, "codon_effects", CodonEffect.class, explanation.effects());
    table(directory, "position_profiles", PositionProfile.class, explanation.profiles());
    table(directory, "attention", AttentionShare.class, explanation.attention());
    table(directory, "attention_maps", AttentionWeight.class, explanation.attentionMaps());
    table(directory, "map", MapPoint.class, explanation.map());
    table(directory, "map_axes", MapAxis.class, explanation.mapAxes());
    AtomicFiles.write(
        directory.resolve(SUMMARY),
        out -> {
          out.write(JSON.writeValueAsBytes(explanation.summary()));
          out.write('\n');
        });
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws CodonfuseException if a file is missing or damaged
   */
  public static Explanation read(Path directory) {
    return new Explanation(
        summary(directory.resolve(SUMMARY)),
        rows(directory, "modality_weights", ModalityWeight.class),
        rows(directory, "ablations", Ablation.class),
        rows(directory, "modality_shares", ModalityShare.class),
        rows(directory, "completeness", Completeness.class),
        rows(directory, "attributions", CodonAttribution.class),
        rows(directory, "mutations", Mutation.class),
        rows(directory, "codon_effects", CodonEffect.class),
        rows(directory, "position_profiles", PositionProfile.class),
        rows(directory, "attention", AttentionShare.class),
        rows(directory, "attention_maps", AttentionWeight.class),
        rows(directory, "map", MapPoint.class),
        rows(directory, "map_axes", MapAxis.class));
  }

  private static Summary summary(Path file) {
    try {
      Summary summary = JSON.readValue(Files.readAllBytes(file), Summary.class);
      if (summary.format() != FORMAT) {
        throw new CodonfuseException(
            "%s: has format %d where this program reads %d; explain the run again."
                .formatted(file, summary.format(), FORMAT));
      }
      return summary;
    } catch (JacksonException e) {
      throw damaged(file, e);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }

  private static Path file(Path directory, String name) {
    return directory.resolve(name + ".csv");
  }

  private static <T> void table(Path directory, String name, Class<T> type, List<T> rows) {
    if (rows.isEmpty()) {
      return;
    }
    CsvSchema schema = CSV.schemaFor(type).withHeader();
    ObjectWriter writer = CSV.writer(schema);
    AtomicFiles.write(file(directory, name), out -> writer.writeValues(out).writeAll(rows).flush());
  }

  private static <T> List<T> rows(Path directory, String name, Class<T> type) {
    Path file = file(directory, name);
    if (Files.notExists(file)) {
      return List.of();
    }
    try (var values =
        CSV.readerFor(type)
            .with(CsvSchema.emptySchema().withHeader())
            .<T>readValues(file.toFile())) {
      return List.copyOf(values.readAll());
    } catch (JacksonException e) {
      throw damaged(file, e);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }

  private static CodonfuseException damaged(Path file, JacksonException e) {
    int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    return new CodonfuseException(
        "%s%s: is damaged; explain the run again.".formatted(file, line > 0 ? ":" + line : ""), e);
  }
}

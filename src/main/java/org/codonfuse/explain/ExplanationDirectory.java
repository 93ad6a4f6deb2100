package org.codonfuse.explain;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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

  /** Ends the name of a directory that is being written. */
  private static final String PART = ".part";

  /** Ends the name of a directory that is being replaced. */
  private static final String OLD = ".old";

  private static final int ATTEMPTS = 100;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private static final CsvMapper CSV =
      CsvMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(CsvParser.Feature.FAIL_ON_MISSING_HEADER_COLUMNS)
          .enable(CsvParser.Feature.FAIL_ON_MISSING_COLUMNS)
          .build();

  private ExplanationDirectory() {}

  /** Whether a directory has an explanation in it. */
  public static boolean isIn(Path directory) {
    return Files.isRegularFile(whole(directory).resolve(SUMMARY));
  }

  /** The directory, or the earlier one where a replacement of it did not come to its end. */
  private static Path whole(Path directory) {
    if (Files.exists(directory)) {
      return directory;
    }
    return siblings(directory.toAbsolutePath(), OLD).stream()
        .filter(old -> Files.isRegularFile(old.resolve(SUMMARY)))
        .findFirst()
        .orElse(directory);
  }

  /**
   * Fails where {@link #replace} would fail in the end, or destroy something else.
   *
   * @throws UsageException if there is a file, or a directory that holds other things, or nothing
   *     can be written there
   */
  public static void requireReplaceable(Path directory) {
    if (Files.exists(directory) && !isIn(directory) && !isEmpty(directory)) {
      throw new UsageException(
          directory + ": is there and is no explanation; choose another --output.");
    }
    AtomicFiles.obstacle(directory)
        .ifPresent(
            obstacle -> {
              throw new UsageException(
                  "%s: cannot be written into %s; choose a place that is writable with --output."
                      .formatted(directory, obstacle));
            });
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
   * Writes a directory, which takes the place of an earlier one when it is whole. Of two at once
   * the last one stays.
   *
   * @throws CodonfuseException if it cannot be written; nothing is left behind then
   */
  public static void replace(Path directory, Explanation explanation) {
    requireReplaceable(directory);
    Path part = null;
    try {
      Path place = Files.exists(directory) ? directory.toRealPath() : directory.toAbsolutePath();
      Files.createDirectories(place.getParent());
      Path unused = sibling(place, PART);
      Files.createDirectory(unused);
      part = unused;
      write(part, explanation);
      // Before as well: of two earlier ones the wrong one could be found if this is killed.
      removeAbandoned(place);
      putInPlace(part, place);
      removeAbandoned(place);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(directory, e);
    } finally {
      if (part != null) {
        remove(part);
      }
    }
  }

  /**
   * Two moves; after the first, {@link #whole} finds the earlier one, should there be no second.
   */
  private static void putInPlace(Path part, Path place) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Path old = sibling(place, OLD);
      try {
        Files.move(place, old);
      } catch (NoSuchFileException _) {
        // There is none, or another process has just moved it.
      }
      try {
        Files.move(part, place);
        remove(old);
        return;
      } catch (IOException e) {
        if (Files.notExists(place)) {
          if (Files.exists(old)) {
            Files.move(old, place);
          }
          throw e;
        }
        // Another process was faster, and what it put there is newer than what was moved.
        remove(old);
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** What processes left behind that were killed. */
  private static void removeAbandoned(Path place) {
    if (Files.exists(place)) {
      siblings(place, OLD).forEach(ExplanationDirectory::remove);
    }
    Instant early = Instant.now().minus(Duration.ofHours(1));
    for (Path part : siblings(place, PART)) {
      try {
        if (Files.getLastModifiedTime(part).toInstant().isBefore(early)) {
          remove(part);
        }
      } catch (IOException _) {
        // It is gone.
      }
    }
  }

  private static Path sibling(Path directory, String kind) {
    String unique = UUID.randomUUID().toString().substring(24);
    return directory.resolveSibling("." + directory.getFileName() + "." + unique + kind);
  }

  private static List<Path> siblings(Path directory, String kind) {
    Path parent = directory.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return List.of();
    }
    String start = "." + directory.getFileName() + ".";
    try (Stream<Path> entries = Files.list(parent)) {
      return entries
          .filter(
              entry -> {
                String name = entry.getFileName().toString();
                return name.startsWith(start) && name.endsWith(kind);
              })
          .sorted()
          .toList();
    } catch (IOException e) {
      throw AtomicFiles.unreadable(parent, e);
    }
  }

  private static void remove(Path directory) {
    if (Files.exists(directory)) {
      try {
        AtomicFiles.deleteTree(directory);
      } catch (IOException _) {
        // It is of no use any more and does no harm.
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
  public static Explanation read(Path place) {
    Path directory = whole(place);
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
      if (summary == null) {
        throw new CodonfuseException(file + ": is empty; explain the run again.");
      }
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

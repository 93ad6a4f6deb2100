package org.codonfuse.embedding;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Shape;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.Sha256;
import org.codonfuse.weights.TensorData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Embeddings on disk, found again by what they were computed from: the bytes of the model, the
 * sequences, the granularity and the backend. One safetensors file an entry: {@code rows} [rows,
 * width] and {@code offsets} [sequences + 1].
 */
public final class EmbeddingCache {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddingCache.class);

  /**
   * Part of every key. Raise it when the same model, engine and sequences come to give other rows,
   * through tokens, alignment or arithmetic, or when the layout of an entry changes.
   */
  private static final String FORMAT = "codonfuse embeddings 1";

  private final Path directory;

  /**
   * @param directory where entries lie; made when the first is written
   */
  public EmbeddingCache(Path directory) {
    this.directory = directory;
  }

  /**
   * {@code $XDG_CACHE_HOME/codonfuse/embeddings}, by default below {@code ~/.cache}, and for users
   * without a home directory below the one for temporary files.
   */
  public static Path defaultDirectory() {
    return defaultDirectory(System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home"));
  }

  static Path defaultDirectory(String cache, String home) {
    Path base;
    if (cache != null && !cache.isBlank()) {
      base = Path.of(cache);
    } else if (home != null && Path.of(home).isAbsolute()) {
      base = Path.of(home, ".cache");
    } else {
      // The JVM says "?" where the system knows no home.
      base =
          Path.of(
              System.getProperty("java.io.tmpdir"),
              "codonfuse-" + System.getProperty("user.name"),
              "cache");
    }
    return base.resolve("codonfuse").resolve("embeddings");
  }

  /**
   * The name of an entry.
   *
   * @param model what identifies the encoder's bytes
   * @param computed what identifies how it is run, such as the engine and the genetic code
   */
  public static String key(
      String model, String computed, Granularity granularity, List<CodingSequence> sequences) {
    MessageDigest digest = Sha256.newDigest();
    for (String part : List.of(FORMAT, model, computed, granularity.name())) {
      update(digest, part);
    }
    sequences.forEach(sequence -> update(digest, sequence.rna()));
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The rows of an entry, computed and stored if they are not there.
   *
   * @param sequences number of sequences
   * @param width of a row
   * @return for every sequence its [rows · width] values
   */
  public float[][] get(String key, int sequences, int width, Supplier<float[][]> compute) {
    Path file = directory.resolve(key + ".safetensors");
    Optional<float[][]> stored = read(file, sequences, width);
    if (stored.isPresent()) {
      LOG.debug("Embeddings from {}", file);
      return stored.get();
    }
    float[][] rows = compute.get();
    try {
      write(file, rows, width);
    } catch (CodonfuseException e) {
      LOG.warn("The embeddings are not cached: {}", e.getMessage());
    }
    return rows;
  }

  private static Optional<float[][]> read(Path file, int sequences, int width) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (SafetensorsFile source = SafetensorsFile.open(file)) {
      long[] offsets = source.longs("offsets");
      Shape shape = source.info("rows").shape();
      boolean fits =
          offsets.length == sequences + 1
              && ascend(offsets)
              && shape.rank() == 2
              && shape.dim(0) == offsets[sequences]
              && shape.dim(1) == width;
      if (!fits) {
        LOG.warn("{}: a cache entry of other sequences; it is computed again.", file);
        return Optional.empty();
      }
      float[] values = source.floats("rows");
      float[][] rows = new float[sequences][];
      for (int i = 0; i < sequences; i++) {
        rows[i] =
            Arrays.copyOfRange(
                values,
                Math.toIntExact(offsets[i] * width),
                Math.toIntExact(offsets[i + 1] * width));
      }
      return Optional.of(rows);
    } catch (CodonfuseException | UncheckedIOException e) {
      LOG.debug("What is wrong with it", e);
      LOG.warn("{}: a damaged cache entry; it is computed again.", file);
      return Optional.empty();
    }
  }

  private static boolean ascend(long[] offsets) {
    return offsets[0] == 0
        && IntStream.range(1, offsets.length).allMatch(i -> offsets[i - 1] <= offsets[i]);
  }

  private static void write(Path file, float[][] rows, int width) {
    long[] offsets = new long[rows.length + 1];
    for (int i = 0; i < rows.length; i++) {
      offsets[i + 1] = offsets[i] + rows[i].length / width;
    }
    long total = offsets[rows.length] * width;
    if (total > Integer.MAX_VALUE - 8) {
      throw new CodonfuseException(file + ": more values than one entry holds");
    }
    float[] values = new float[(int) total];
    int from = 0;
    for (float[] row : rows) {
      System.arraycopy(row, 0, values, from, row.length);
      from += row.length;
    }
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put("offsets", TensorData.ofLongs(Shape.of(offsets.length), offsets));
    tensors.put("rows", TensorData.of(Shape.of(offsets[rows.length], width), values));
    SafetensorsWriter.write(file, tensors, Map.of("format", FORMAT));
  }

  private static void update(MessageDigest digest, String part) {
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    digest.update((byte) (bytes.length >>> 24));
    digest.update((byte) (bytes.length >>> 16));
    digest.update((byte) (bytes.length >>> 8));
    digest.update((byte) bytes.length);
    digest.update(bytes);
  }
}

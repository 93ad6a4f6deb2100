package org.codonfuse.embedding.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.codonfuse.compute.DType;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.weights.Sha256;

/** Stores of made-up sequences: the letters decide the number of rows and their values. */
public final class Stores {
  /** Of every store here unless another is given. */
  public static final int WIDTH = 5;

  private Stores() {}

  /** Settings like those of a small RNA encoder. */
  public static StoreManifest settings(
      DType stored, Pooling pooling, Optional<StoreManifest.Shard> shard) {
    return settings(stored, pooling, WIDTH, shard);
  }

  static StoreManifest settings(
      DType stored, Pooling pooling, int width, Optional<StoreManifest.Shard> shard) {
    return StoreManifest.settings(
        "0.1.0",
        new StoreManifest.Model("models/rna", null, "ab".repeat(32), Map.of("vocab.txt", "cd")),
        Molecule.RNA,
        "nucleotides",
        "last",
        pooling,
        new StoreManifest.Precisions(DType.FLOAT32, stored),
        "test engine",
        1,
        new StoreManifest.LongSequences("truncate", 1024, 0),
        width,
        4096,
        shard,
        new StoreManifest.Input("ef".repeat(32), 6));
  }

  /** Float32 rows of tokens. */
  public static StoreManifest settings() {
    return settings(DType.FLOAT32, Pooling.NONE, Optional.empty());
  }

  /** The hashes of letters. */
  static List<String> hashes(String... letters) {
    return Arrays.stream(letters).map(Sha256::of).toList();
  }

  /** The input whose ids are {@code s0}, {@code s1} and so on. */
  static List<NamedSequence> input(String... letters) {
    return IntStream.range(0, letters.length)
        .mapToObj(i -> new NamedSequence("s" + i, Sha256.of(letters[i])))
        .toList();
  }

  static int rows(StoreManifest settings, String sha256) {
    return settings.pooling().isOneRow() ? 1 : 1 + HexFormat.fromHexDigit(sha256.charAt(0)) % 4;
  }

  /** The values of a sequence, exact in every stored type. */
  static float[] values(StoreManifest settings, String sha256) {
    float[] values = new float[rows(settings, sha256) * settings.width()];
    for (int i = 0; i < values.length; i++) {
      values[i] = HexFormat.fromHexDigit(sha256.charAt(1 + i % 60)) / 4f - 2;
    }
    return values;
  }

  static MemorySegment stored(StoreManifest settings, float[] values) {
    if (settings.precision().stored() == DType.FLOAT32) {
      return MemorySegment.ofArray(values);
    }
    ValueLayout.OfShort layout =
        ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    MemorySegment halves = MemorySegment.ofArray(new byte[2 * values.length]);
    for (int i = 0; i < values.length; i++) {
      short half =
          settings.precision().stored() == DType.FLOAT16
              ? Float.floatToFloat16(values[i])
              : (short) (Float.floatToRawIntBits(values[i]) >>> 16);
      halves.set(layout, 2L * i, half);
    }
    return halves;
  }

  static void part(StoreWriter writer, StoreManifest settings, int number, List<String> hashes) {
    try (PartWriter part =
        writer.part(number, hashes.stream().map(hash -> rows(settings, hash)).toList())) {
      for (String hash : hashes) {
        part.append(stored(settings, values(settings, hash)));
      }
      part.commit();
    }
  }

  /** Writes what a store lacks. */
  static void write(
      Path directory, StoreManifest settings, List<List<String>> plan, List<NamedSequence> input) {
    try (StoreWriter writer = StoreWriter.open(directory, settings, plan)) {
      BitSet done = writer.done();
      for (int number = 0; number < plan.size(); number++) {
        if (!done.get(number)) {
          part(writer, settings, number, plan.get(number));
        }
      }
      writer.finish(input, Map.of("truncated", 1L));
    }
  }

  /** A store of the letters, two different ones a part. */
  public static Path write(Path directory, StoreManifest settings, String... letters) {
    List<String> distinct = hashes(letters).stream().distinct().toList();
    List<List<String>> plan = new ArrayList<>();
    for (int i = 0; i < distinct.size(); i += 2) {
      plan.add(distinct.subList(i, Math.min(i + 2, distinct.size())));
    }
    write(directory, settings, plan, input(letters));
    return directory;
  }

  /** The bytes of all files by name. */
  static Map<String, String> content(Path directory) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        content.put(file.getFileName().toString(), Sha256.of(file));
      }
    }
    return content;
  }
}

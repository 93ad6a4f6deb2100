package org.codonfuse.embedding.store;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.DType;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.weights.Sha256;
import org.codonfuse.weights.StoredType;

/**
 * {@code manifest.json} of a store: what its rows are and what they were computed from.
 *
 * @param format version of this file
 * @param codonfuse version of the program
 * @param model the encoder
 * @param molecule what the encoder reads, and whose letters the hashes of the index are of
 * @param tokenizer name of its tokenizer
 * @param layer {@code last}, a number or {@code logits}
 * @param pooling which rows a sequence has
 * @param precision of the values
 * @param engine what the last digits depend on
 * @param geneticCode NCBI table that proteins are translated with
 * @param longSequences what becomes of sequences that the encoder cannot read whole
 * @param width values of a row
 * @param tokensPerBatch what is computed at once at most
 * @param shard the share of the input, null where it is all of it
 * @param input what the sequences were read from
 * @param streams the encoders whose rows stand side by side in an aligned store, in the order of
 *     their columns; empty in a store of one encoder
 * @param complete whether everything is there
 * @param counts of a complete store: {@link #SEQUENCES}, {@link #UNIQUE}, {@link #ROWS}, {@link
 *     #PARTS} and what else was counted; before, of the plan: {@link #UNIQUE}, {@link #PARTS}
 */
public record StoreManifest(
    int format,
    String codonfuse,
    Model model,
    Molecule molecule,
    String tokenizer,
    String layer,
    Pooling pooling,
    Precisions precision,
    String engine,
    int geneticCode,
    @JsonProperty("long") LongSequences longSequences,
    int width,
    int tokensPerBatch,
    @JsonInclude(JsonInclude.Include.NON_NULL) Shard shard,
    Input input,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<AlignedStream> streams,
    boolean complete,
    Map<String, Long> counts) {

  /** The version of {@code manifest.json} that this program writes and reads. */
  public static final int FORMAT = 1;

  /** Count of the lines of the index. */
  public static final String SEQUENCES = "sequences";

  /** Count of the different sequences. */
  public static final String UNIQUE = "unique";

  /** Count of the rows in all parts. */
  public static final String ROWS = "rows";

  /** Count of the parts. */
  public static final String PARTS = "parts";

  /**
   * An encoder.
   *
   * @param id what the user called it
   * @param revision of the published files, null if unknown
   * @param sha256 fingerprint of the encoder: equal ones give equal rows
   * @param files SHA-256 by name, empty if unknown
   */
  public record Model(String id, String revision, String sha256, Map<String, String> files) {
    /** Copies the map. */
    public Model {
      files = files == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(files));
    }
  }

  /**
   * Element types.
   *
   * @param computed of the matrix products
   * @param stored of the rows: float32, bfloat16 or float16
   */
  public record Precisions(DType computed, DType stored) {
    /** The element type of the parts. */
    public StoredType storedType() {
      return StoredType.of(stored);
    }
  }

  /**
   * What becomes of sequences that the encoder cannot read whole.
   *
   * @param policy {@code error}, {@code truncate} or {@code chunk}; in aligned stores {@link
   *     #SHORTEST}
   * @param maxTokens what it reads at most; in aligned stores 0
   * @param overlap tokens that neighbouring chunks share, 0 if there are none
   */
  public record LongSequences(String policy, int maxTokens, int overlap) {
    /** Up to the last codon that all streams have. */
    public static final String SHORTEST = "shortest";
  }

  /**
   * A share of the input.
   *
   * @param index from 1
   * @param count of all shares
   */
  public record Shard(int index, int count) {
    @Override
    public String toString() {
      return index + "/" + count;
    }
  }

  /**
   * What the sequences were read from.
   *
   * @param sha256 of all sequences, the other shards' too
   * @param sequences how many, those of the other shards too
   */
  public record Input(String sha256, long sequences) {}

  /** Copies the counts and streams. */
  public StoreManifest {
    streams = streams == null ? List.of() : List.copyOf(streams);
    counts = counts == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(counts));
  }

  /** The settings of a store to be written. */
  public static StoreManifest settings(
      String codonfuse,
      Model model,
      Molecule molecule,
      String tokenizer,
      String layer,
      Pooling pooling,
      Precisions precision,
      String engine,
      int geneticCode,
      LongSequences longSequences,
      int width,
      int tokensPerBatch,
      Optional<Shard> shard,
      Input input) {
    return new StoreManifest(
        FORMAT,
        codonfuse,
        model,
        molecule,
        tokenizer,
        layer,
        pooling,
        precision,
        engine,
        geneticCode,
        longSequences,
        width,
        tokensPerBatch,
        shard.orElse(null),
        input,
        List.of(),
        false,
        Map.of());
  }

  /**
   * The settings of a store to be written whose rows are codons: those of the streams side by side.
   *
   * @param stored element type of the rows, which are computed in float32
   * @param rowsPerBatch codons that are computed at once
   * @param input the mRNAs
   */
  public static StoreManifest aligned(
      String codonfuse,
      List<AlignedStream> streams,
      DType stored,
      String engine,
      int geneticCode,
      int rowsPerBatch,
      Optional<Shard> shard,
      Input input) {
    String fingerprints =
        streams.stream().map(AlignedStream::identity).collect(Collectors.joining("\n"));
    return new StoreManifest(
        FORMAT,
        codonfuse,
        new Model(joined(streams, AlignedStream::model), null, Sha256.of(fingerprints), Map.of()),
        Molecule.RNA,
        Pooling.CODON.label(),
        joined(streams, AlignedStream::layer),
        Pooling.CODON,
        new Precisions(DType.FLOAT32, stored),
        engine,
        geneticCode,
        new LongSequences(LongSequences.SHORTEST, 0, 0),
        streams.stream().mapToInt(AlignedStream::width).sum(),
        rowsPerBatch,
        shard.orElse(null),
        input,
        streams,
        false,
        Map.of());
  }

  private static String joined(List<AlignedStream> streams, Function<AlignedStream, String> part) {
    return streams.stream().map(part).distinct().collect(Collectors.joining(" + "));
  }

  /**
   * Reads a manifest.
   *
   * @throws CodonfuseException if it is none that this version can read
   */
  public static StoreManifest read(Path file) {
    return ManifestJson.read(file);
  }

  /**
   * Reads what {@link #toJson} gave.
   *
   * @param place where, to say so
   * @throws CodonfuseException if it is none that this version can read
   */
  public static StoreManifest parse(String place, byte[] json) {
    return ManifestJson.read(place, json);
  }

  /** Whether a directory is a store, complete or not. */
  public static boolean isIn(Path directory) {
    return Files.isRegularFile(directory.resolve(StoreFiles.MANIFEST));
  }

  /**
   * Reads the manifest of a store, complete or not.
   *
   * @return empty if the directory is none, or does not exist
   * @throws CodonfuseException if it is none that this version can read
   */
  public static Optional<StoreManifest> of(Path directory) {
    return isIn(directory)
        ? Optional.of(read(directory.resolve(StoreFiles.MANIFEST)))
        : Optional.empty();
  }

  /** The content of the file. */
  public String toJson() {
    return ManifestJson.write(this);
  }

  /** The fields of the file, in its order. */
  public Map<String, Object> toMap() {
    return ManifestJson.toMap(this);
  }

  /** One of the counts, 0 if it is not there. */
  public long count(String name) {
    return counts.getOrDefault(name, 0L);
  }

  /** Whether the rows are those of several encoders, or of one brought to codons, side by side. */
  @JsonIgnore
  public boolean isAligned() {
    return !streams.isEmpty();
  }

  /** The streams without what their models were called, which makes no difference. */
  List<AlignedStream> unnamedStreams() {
    return streams.stream().map(AlignedStream::unnamed).toList();
  }

  /** The share of the input, if it is not all of it. */
  public Optional<Shard> share() {
    return Optional.ofNullable(shard);
  }

  /**
   * Why rows of these settings cannot stand in a store of others: phrases such as {@code --pool is
   * codon where the store has none}, none if they can. What the model was called, its files' names,
   * the version of the program and what was counted make no difference.
   *
   * @param store the manifest of the store
   */
  public List<String> differences(StoreManifest store) {
    return ManifestJson.differences(this, store, "the store has");
  }

  /**
   * The same of settings that are elsewhere.
   *
   * @param has such as {@code rank 0 has}
   */
  public List<String> differences(StoreManifest other, String has) {
    return ManifestJson.differences(this, other, has);
  }

  StoreManifest with(boolean isComplete, Map<String, Long> newCounts) {
    return with(shard, isComplete, newCounts);
  }

  StoreManifest with(Shard newShard, boolean isComplete, Map<String, Long> newCounts) {
    return new StoreManifest(
        format,
        codonfuse,
        model,
        molecule,
        tokenizer,
        layer,
        pooling,
        precision,
        engine,
        geneticCode,
        longSequences,
        width,
        tokensPerBatch,
        newShard,
        input,
        streams,
        isComplete,
        newCounts);
  }
}

package org.codonfuse.embedding;

import java.util.Optional;
import org.codonfuse.UsageException;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.encoder.EncoderLayer;

/**
 * What rows are computed and how.
 *
 * @param layer of the encoder
 * @param pooling which rows a sequence has
 * @param stored element type of the stored rows: float32, bfloat16 or float16
 * @param tokensPerBatch tokens that are computed at once at most; a longer sequence is one batch
 * @param longSequences what becomes of sequences that the encoder cannot read whole
 * @param strict whether a sequence of mostly unknown tokens is an error rather than a warning
 * @param shard the share of the input to embed, empty for all of it
 * @param origin what the manifest says of where the rows come from
 */
public record EmbeddingSettings(
    EncoderLayer layer,
    Pooling pooling,
    DType stored,
    int tokensPerBatch,
    LongPolicy longSequences,
    boolean strict,
    Optional<StoreManifest.Shard> shard,
    Origin origin) {

  /**
   * Names that make no difference to the rows.
   *
   * @param version of the program
   * @param model what the user called the encoder; empty: its directory
   * @param revision of the published files
   */
  public record Origin(String version, Optional<String> model, Optional<String> revision) {
    /** Nothing is known. */
    public static final Origin UNKNOWN = new Origin("unknown", Optional.empty(), Optional.empty());
  }

  /** Enough rows for the matrix products to be efficient, few enough to stay in the caches. */
  public static final int TOKENS_PER_BATCH = 2048;

  /** So many that a GPU computes longer than it takes to be asked. */
  private static final int TOKENS_PER_BATCH_OF_GPU = 32_768;

  /** What a device computes at once unless something else is wanted. */
  public static int tokensPerBatch(Device device) {
    return device.kind() == Device.Kind.CPU ? TOKENS_PER_BATCH : TOKENS_PER_BATCH_OF_GPU;
  }

  /**
   * @throws UsageException if a number is out of range or rows cannot be stored so
   */
  public EmbeddingSettings {
    if (tokensPerBatch < 1) {
      throw new UsageException(
          "--tokens-per-batch " + tokensPerBatch + " is no budget; give 1 or more");
    }
    if (stored != DType.FLOAT32 && stored != DType.BFLOAT16 && stored != DType.FLOAT16) {
      throw new UsageException(
          "rows cannot be stored as " + stored + "; give float32, bfloat16 or float16");
    }
  }

  /** The last layer in float32, sequences that are too long cut. */
  public static EmbeddingSettings of(Pooling pooling) {
    return new EmbeddingSettings(
        EncoderLayer.LAST,
        pooling,
        DType.FLOAT32,
        TOKENS_PER_BATCH,
        LongPolicy.TRUNCATE,
        false,
        Optional.empty(),
        Origin.UNKNOWN);
  }

  /** These settings with an element type of the stored rows. */
  public EmbeddingSettings withStored(DType value) {
    return new EmbeddingSettings(
        layer, pooling, value, tokensPerBatch, longSequences, strict, shard, origin);
  }

  /** These settings with a layer. */
  public EmbeddingSettings withLayer(EncoderLayer value) {
    return new EmbeddingSettings(
        value, pooling, stored, tokensPerBatch, longSequences, strict, shard, origin);
  }

  /** These settings with a token budget. */
  public EmbeddingSettings withTokensPerBatch(int value) {
    return new EmbeddingSettings(
        layer, pooling, stored, value, longSequences, strict, shard, origin);
  }

  /** These settings with a policy for sequences that are too long. */
  public EmbeddingSettings withLongSequences(LongPolicy value) {
    return new EmbeddingSettings(
        layer, pooling, stored, tokensPerBatch, value, strict, shard, origin);
  }

  /** These settings, sequences of mostly unknown tokens an error or not. */
  public EmbeddingSettings withStrict(boolean value) {
    return new EmbeddingSettings(
        layer, pooling, stored, tokensPerBatch, longSequences, value, shard, origin);
  }

  /** These settings for a share of the input. */
  public EmbeddingSettings withShard(Optional<StoreManifest.Shard> value) {
    return new EmbeddingSettings(
        layer, pooling, stored, tokensPerBatch, longSequences, strict, value, origin);
  }

  /** These settings with what the manifest says of where the rows come from. */
  public EmbeddingSettings withOrigin(Origin value) {
    return new EmbeddingSettings(
        layer, pooling, stored, tokensPerBatch, longSequences, strict, shard, value);
  }
}

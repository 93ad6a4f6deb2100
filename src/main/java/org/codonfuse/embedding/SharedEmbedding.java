package org.codonfuse.embedding;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Peers;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import org.codonfuse.embedding.store.StoreMerge;
import org.codonfuse.embedding.store.StoreSummary;
import org.codonfuse.embedding.store.StoreWriter;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Progress;

/**
 * Embeds an input by several processes into one store that all of them reach: each does its shard
 * beside it, and the first joins these. What is left where one of them ends is gone on with.
 */
public final class SharedEmbedding {
  /** How a process says what it found. */
  private static final byte DONE = 1;

  private static final byte MISSING = 0;

  private SharedEmbedding() {}

  /**
   * Begins a store or goes on with one, as {@link EmbeddingJob#run} does; every process calls it
   * with the same arguments.
   *
   * @param settings without a shard
   * @return what all did together
   * @throws CodonfuseException as the job of one process does, of this one's shard
   */
  public static EmbeddingReport run(
      Peers peers,
      Backend backend,
      Encoder encoder,
      EmbeddingInputs inputs,
      EmbeddingSettings settings,
      Path output,
      Progress progress) {
    boolean first = peers.rank() == 0;
    Function<EmbeddingSettings, EmbeddingReport> job =
        of -> EmbeddingJob.run(backend, encoder, inputs, of, output, progress);
    boolean few = inputs.sequences().size() < peers.size();
    StoreManifest wanted = EmbeddingJob.manifest(backend, encoder, inputs, settings);
    requireSame(peers, wanted);
    // All check the settings: what is wrong with them is so for all.
    StoreWriter.requireSame(output, wanted);
    boolean done = first && EmbeddingJob.isComplete(output, wanted);
    byte state = done || few ? DONE : MISSING;
    if (peers.exchange().apply(new byte[] {state}).getFirst()[0] == DONE) {
      // One process has nothing, or next to nothing, to do.
      return together(peers, first ? job.apply(settings) : nothing(output), Optional.empty());
    }
    List<Path> shards =
        IntStream.rangeClosed(1, peers.size())
            .mapToObj(i -> Shards.directory(output, Optional.of(new Shard(i, peers.size()))))
            .toList();
    EmbeddingReport mine =
        job.apply(settings.withShard(Optional.of(new Shard(peers.rank() + 1, peers.size()))));
    EmbeddingReport all = together(peers, mine, Optional.of(output));
    if (first) {
      StoreMerge.write(output, shards, progress);
      shards.forEach(SharedEmbedding::delete);
    }
    var _ = peers.exchange().apply(new byte[0]); // The others wait until it is there.
    StoreManifest merged = StoreSummary.of(output).manifest();
    return new EmbeddingReport(
        output,
        all.sequences(),
        merged.count(StoreManifest.UNIQUE),
        merged.count(StoreManifest.ROWS),
        all.longSequences(),
        all.computedSequences(),
        all.computedTokens(),
        all.seconds());
  }

  /**
   * Said before anything is computed, because shards of different settings cannot be joined.
   *
   * @throws CodonfuseException if a process was asked for something else than the first
   */
  private static void requireSame(Peers peers, StoreManifest mine) {
    byte[] json = mine.toJson().getBytes(StandardCharsets.UTF_8);
    List<byte[]> all = peers.exchange().apply(json);
    StoreManifest first = StoreManifest.parse("rank 0", all.getFirst());
    for (int rank = 1; rank < all.size(); rank++) {
      String there = "rank " + rank;
      List<String> differences =
          StoreManifest.parse(there, all.get(rank)).differences(first, "rank 0 has");
      if (!differences.isEmpty()) {
        throw new CodonfuseException(
            "The processes were asked for different embeddings (in %s %s); give all the same command."
                .formatted(there, String.join("; ", differences)));
      }
    }
  }

  private static EmbeddingReport nothing(Path output) {
    return new EmbeddingReport(output, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * The sum of what all report, and the time of the slowest.
   *
   * @param output where it will be, if not in the store of this one
   */
  private static EmbeddingReport together(
      Peers peers, EmbeddingReport mine, Optional<Path> output) {
    byte[] told =
        ByteBuffer.allocate(7 * Long.BYTES)
            .putLong(mine.sequences())
            .putLong(mine.unique())
            .putLong(mine.rows())
            .putLong(mine.longSequences())
            .putLong(mine.computedSequences())
            .putLong(mine.computedTokens())
            .putDouble(mine.seconds())
            .array();
    long[] sums = new long[6];
    double seconds = 0;
    for (byte[] part : peers.exchange().apply(told)) {
      ByteBuffer buffer = ByteBuffer.wrap(part);
      for (int i = 0; i < sums.length; i++) {
        sums[i] += buffer.getLong();
      }
      seconds = Math.max(seconds, buffer.getDouble());
    }
    return new EmbeddingReport(
        output.orElse(mine.store()), sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], seconds);
  }

  private static void delete(Path shard) {
    try {
      AtomicFiles.deleteTree(shard);
    } catch (IOException e) {
      throw new CodonfuseException(
          shard + ": was joined but cannot be removed (" + AtomicFiles.reason(e) + ").", e);
    }
  }
}

package org.codonfuse.embedding;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Peers;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.LockFile;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.Sha256;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores of embeddings in the user's cache, found again by what they were computed from. A store
 * whose computation was interrupted is gone on with, a damaged one mended. Processes that want the
 * same store at the same time compute it once.
 */
public final class EmbeddingCache {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddingCache.class);

  /**
   * Part of every key. Raise it when the same model, engine and sequences come to give other rows,
   * through tokens, alignment or arithmetic.
   */
  private static final String FORMAT = "codonfuse embeddings 2";

  private static final long WAIT_MILLIS = 100;

  /** How the first of several processes says what is to be done. */
  private static final byte THERE = 0;

  private static final byte SHARE = 1;
  private static final byte ALONE = 2;

  private final Path directory;
  private final Optional<Peers> peers;

  /**
   * @param directory where the stores lie; made when the first is written
   */
  public EmbeddingCache(Path directory) {
    this(directory, Optional.empty());
  }

  private EmbeddingCache(Path directory, Optional<Peers> peers) {
    this.directory = directory;
    this.peers = peers;
  }

  /**
   * The same cache for processes that want the same of it, in the same order: what is not there is
   * computed by all together, each its share.
   */
  public EmbeddingCache sharedBy(Peers processes) {
    return new EmbeddingCache(directory, Optional.of(processes));
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

  /** The name of a store: a hash of all that its rows depend on. */
  static String key(
      Backend backend, Encoder encoder, EmbeddingInputs inputs, EmbeddingSettings settings) {
    MessageDigest digest = Sha256.newDigest();
    for (String part :
        List.of(
            FORMAT,
            encoder.fingerprint(),
            backend.engine(),
            encoder.precision().label(),
            settings.layer().label(),
            settings.pooling().label(),
            settings.stored().name(),
            settings.longSequences().label(),
            Integer.toString(settings.tokensPerBatch()),
            inputs.code().map(code -> Integer.toString(code.number())).orElse("none"))) {
      update(digest, part);
    }
    inputs.sequences().forEach(input -> update(digest, input.letters()));
    return Sha256.hex(digest);
  }

  private static void update(MessageDigest digest, String part) {
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    digest.update((byte) (bytes.length >>> 24));
    digest.update((byte) (bytes.length >>> 16));
    digest.update((byte) (bytes.length >>> 8));
    digest.update((byte) bytes.length);
    digest.update(bytes);
  }

  /**
   * A store to read from.
   *
   * @param store open
   * @param temporary the directory to remove with it, if it is not to be kept
   */
  public record Entry(EmbeddingStore store, Optional<Path> temporary) implements AutoCloseable {
    @Override
    public void close() {
      store.close();
      temporary.ifPresent(EmbeddingCache::delete);
    }
  }

  /**
   * The embeddings of sequences, computed as far as they are not there.
   *
   * @param settings of the whole input, not of a share of it
   * @return the store, which the caller closes
   * @throws CodonfuseException as {@link EmbeddingJob#run} does, of kept embeddings too
   */
  public Entry get(
      Backend backend,
      Encoder encoder,
      EmbeddingInputs inputs,
      EmbeddingSettings settings,
      Progress progress) {
    Path place = directory.resolve(key(backend, encoder, inputs, settings));
    peers.ifPresent(
        processes ->
            prepare(
                processes,
                place,
                store ->
                    SharedEmbedding.run(
                        processes, backend, encoder, inputs, settings, store, progress)));
    Consumer<Path> embed =
        store -> EmbeddingJob.run(backend, encoder, inputs, settings, store, progress);
    Optional<EmbeddingStore> there = intact(place);
    if (there.isEmpty()) {
      return computed(place, embed);
    }
    LOG.debug("Embeddings from {}", place);
    Entry entry = new Entry(there.get(), Optional.empty());
    try {
      // What is kept was not checked for this request.
      PreparedInputs.of(EncoderReading.of(encoder), settings, inputs.sequences());
      return entry;
    } catch (RuntimeException | Error e) {
      entry.close();
      throw e;
    }
  }

  /**
   * Computes together what is not there, if all processes reach the cache; if not, each finds or
   * computes it for itself.
   */
  private static void prepare(Peers peers, Path place, Consumer<Path> embed) {
    Optional<LockFile> lock = Optional.empty();
    byte state = ALONE;
    try {
      if (peers.rank() == 0) {
        try {
          lock = Optional.of(lock(place));
          Optional<EmbeddingStore> there = intact(place);
          there.ifPresent(EmbeddingStore::close);
          state = there.isPresent() ? THERE : SHARE;
          if (state == SHARE) {
            removeIfUnreadable(place);
          }
        } catch (IOException e) {
          LOG.debug("{} cannot be shared", place, e);
        }
      }
      if (said(peers, state).getFirst() == SHARE && allReach(peers, place)) {
        embed.accept(place);
      }
    } finally {
      lock.ifPresent(LockFile::close);
    }
  }

  /** Whether a file that the first process writes is seen by all. */
  private static boolean allReach(Peers peers, Path place) {
    Path probe = place.resolveSibling(place.getFileName() + ".shared");
    boolean first = peers.rank() == 0;
    try {
      if (first) {
        Files.write(probe, new byte[0]);
      }
      var _ = said(peers, THERE);
      boolean all = !said(peers, Files.exists(probe) ? SHARE : ALONE).contains(ALONE);
      if (first) {
        Files.deleteIfExists(probe);
      }
      return all;
    } catch (IOException e) {
      throw AtomicFiles.unwritable(probe, e);
    }
  }

  private static List<Byte> said(Peers peers, byte mine) {
    return peers.exchange().apply(new byte[] {mine}).stream().map(said -> said[0]).toList();
  }

  private Entry computed(Path place, Consumer<Path> embed) {
    LockFile lock;
    try {
      lock = lock(place);
    } catch (IOException e) {
      return temporary(place, e, embed);
    }
    try (lock) {
      // Another process may have computed it while this one waited.
      Optional<EmbeddingStore> there = intact(place);
      if (there.isEmpty()) {
        removeIfUnreadable(place);
        embed.accept(place);
      }
      return new Entry(there.orElseGet(() -> EmbeddingStore.open(place)), Optional.empty());
    }
  }

  private Entry temporary(Path place, IOException cause, Consumer<Path> embed) {
    Path temporary;
    try {
      temporary = Files.createTempDirectory("codonfuse-embeddings-");
    } catch (IOException e) {
      throw new CodonfuseException(
          "%s: embeddings cannot be kept there (%s) nor among temporary files (%s); choose a"
                  .formatted(directory, AtomicFiles.reason(cause), AtomicFiles.reason(e))
              + " place that is writable and has room with --cache.",
          e);
    }
    LOG.warn(
        "{}: cannot be written ({}); the embeddings are not cached but kept in {} for this run.",
        place,
        AtomicFiles.reason(cause),
        temporary);
    try {
      Path store = temporary.resolve("store");
      embed.accept(store);
      return new Entry(EmbeddingStore.open(store), Optional.of(temporary));
    } catch (RuntimeException | Error e) {
      delete(temporary);
      throw e;
    }
  }

  /** The store if it is complete and each of its parts can be read. */
  private static Optional<EmbeddingStore> intact(Path place) {
    if (!isComplete(place)) {
      return Optional.empty();
    }
    EmbeddingStore store = null;
    try {
      store = EmbeddingStore.open(place);
      BitSet seen = new BitSet();
      for (IndexEntry entry : store.entries()) {
        if (!seen.get(entry.part())) {
          seen.set(entry.part());
          store.rows(entry);
        }
      }
      return Optional.of(store);
    } catch (CodonfuseException e) {
      LOG.debug("What is wrong with it", e);
      if (store != null) {
        store.close();
      }
      LOG.warn("{}: a damaged cache entry; it is computed again as far as needed.", place);
      return Optional.empty();
    }
  }

  private static boolean isComplete(Path place) {
    try {
      return StoreManifest.of(place).filter(StoreManifest::complete).isPresent();
    } catch (CodonfuseException _) {
      return false;
    }
  }

  private static void removeIfUnreadable(Path place) {
    if (Files.exists(place) && !canBeMended(place)) {
      LOG.warn("{}: a damaged cache entry; it is computed again.", place);
      delete(place);
    }
  }

  /** Whether a job goes on with it: it mends parts, but neither manifest nor index. */
  private static boolean canBeMended(Path place) {
    try {
      Optional<StoreManifest> manifest = StoreManifest.of(place);
      if (manifest.filter(StoreManifest::complete).isPresent()) {
        EmbeddingStore.open(place).close();
      }
      return manifest.isPresent();
    } catch (CodonfuseException e) {
      LOG.debug("What is wrong with it", e);
      return false;
    }
  }

  /** Waits until nobody else computes the store. */
  private static LockFile lock(Path place) throws IOException {
    Files.createDirectories(place.getParent());
    if (!Files.isWritable(place.getParent()) || (Files.exists(place) && !Files.isWritable(place))) {
      throw new IOException("permission denied");
    }
    Path file = place.resolveSibling(place.getFileName() + ".lock");
    try {
      for (boolean told = false; ; told = true) {
        Optional<LockFile> lock = LockFile.tryTake(file);
        if (lock.isPresent()) {
          return lock.get();
        }
        if (!told) {
          LOG.info("Waiting for another run that embeds the same sequences into {}", place);
        }
        Thread.sleep(WAIT_MILLIS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CancellationException("Interrupted while waiting for " + place);
    }
  }

  private static void delete(Path directory) {
    try {
      AtomicFiles.deleteTree(directory);
    } catch (IOException e) {
      LOG.warn("{}: could not be removed ({})", directory, AtomicFiles.reason(e));
    }
  }
}

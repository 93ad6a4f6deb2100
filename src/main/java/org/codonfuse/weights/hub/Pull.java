package org.codonfuse.weights.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.download.Download;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.Checkpoint;
import org.codonfuse.weights.Sha256;

/** Brings the files of one model into the cache. Used once. */
final class Pull {
  private static final int MIB = 1 << 20;

  private final HubClient client;
  private final HubCache cache;
  private final HubModel model;
  private final Map<String, KnownFile> known;
  private final Consumer<Hub.Announcement> announce;
  private final Progress progress;
  private final SequencedMap<String, HubFile> found = new LinkedHashMap<>();

  Pull(
      HubClient client,
      HubCache cache,
      HubModel model,
      Map<String, KnownFile> known,
      Consumer<Hub.Announcement> announce,
      Progress progress) {
    this.client = client;
    this.cache = cache;
    this.model = model;
    this.known = known;
    this.announce = announce;
    this.progress = progress;
  }

  /**
   * Asks for all files before any large one is downloaded; the revision refers to the new commit
   * when all are there.
   */
  Path run(ModelFiles files) {
    files.required().forEach(this::require);
    if (!files.weights().isEmpty()) {
      findWeights(files.weights());
    }
    files.optional().forEach(this::find);
    download();
    String commit = commit();
    cache.refer(model, commit);
    return cache.snapshot(model, commit);
  }

  private String commit() {
    return found.firstEntry().getValue().commit();
  }

  private void findWeights(List<String> candidates) {
    HubFile weights =
        candidates.stream()
            .map(this::find)
            .flatMap(Optional::stream)
            .findFirst()
            .orElseThrow(
                () ->
                    answers(candidates.getFirst())
                        .failure(
                            "the repository has neither this file nor "
                                + String.join(", ", candidates.subList(1, candidates.size()))
                                + "; it holds no model for this."));
    if (Checkpoint.isIndex(Path.of(weights.name()))) {
      bring(weights, _ -> {});
      shards(weights).forEach(this::require);
    }
  }

  private List<String> shards(HubFile index) {
    try {
      return Checkpoint.shards(blob(index));
    } catch (CodonfuseException e) {
      throw answers(index.name())
          .failure(
              "it names no files, or others than those beside it; this repository cannot be used.",
              e);
    }
  }

  private void require(String name) {
    if (find(name).isEmpty()) {
      throw answers(name)
          .failure("the repository has no such file (404); it holds no model for this.");
    }
  }

  private Optional<HubFile> find(String name) {
    Optional<HubFile> file = client.head(model, name);
    file.ifPresent(this::check);
    file.ifPresent(f -> found.put(name, f));
    return file;
  }

  private void check(HubFile file) {
    Answers answers = answers(file.name());
    if (model.pinned() && !file.commit().equals(model.revision())) {
      throw answers.failure(
          "the hub answers with another commit (" + file.commit() + "); check HF_ENDPOINT.");
    }
    if (!found.isEmpty() && !file.commit().equals(commit())) {
      throw answers.failure("the repository has just changed; pull the model again.");
    }
    for (HubFile other : found.values()) {
      // They would be one file in the cache.
      if (other.hash().equals(file.hash()) && other.size() != file.size()) {
        throw answers.failure(
            "the hub announces the same ETag for "
                + other.name()
                + ", which has another size; check HF_ENDPOINT.");
      }
    }
    KnownFile published = known.get(file.name());
    if (published != null
        && (published.size() != file.size()
            || (file.hash().length() == published.sha256().length()
                && !published.sha256().equals(file.hash())))) {
      throw notPublished(file, published, file.hash(), file.size());
    }
  }

  private RuntimeException notPublished(HubFile file, KnownFile published, String hash, long size) {
    return answers(file.name())
        .failure(
            "the hub has %d bytes with the hash %s where %d with %s were published; check HF_ENDPOINT."
                .formatted(size, hash, published.size(), published.sha256()));
  }

  private void download() {
    List<HubFile> missing = found.values().stream().filter(file -> !isThere(file)).toList();
    long bytes = missing.stream().mapToLong(HubFile::size).sum();
    if (!missing.isEmpty()) {
      announce.accept(new Hub.Announcement(model, commit(), bytes));
      String name = "Downloading " + model.repository() + ", MiB";
      try (Progress.Task task = progress.start(name, Math.ceilDiv(bytes, MIB))) {
        Mebibytes counter = new Mebibytes(task);
        missing.forEach(file -> bring(file, counter));
      }
    }
    found.values().forEach(file -> cache.link(model, file));
  }

  private boolean isThere(HubFile file) {
    Path blob = blob(file);
    try {
      return Files.isRegularFile(blob) && Files.size(blob) == file.size();
    } catch (IOException e) {
      throw AtomicFiles.unreadable(blob, e);
    }
  }

  private void bring(HubFile file, LongConsumer counter) {
    if (isThere(file)) {
      return;
    }
    Path blob = blob(file);
    Download.to(blob, client.transport(), file, counter);
    KnownFile published = known.get(file.name());
    if (published != null && !published.sha256().equals(file.hash())) {
      String actual = Sha256.of(blob);
      if (!actual.equals(published.sha256())) {
        HubCache.remove(blob);
        throw notPublished(file, published, actual, file.size());
      }
    }
  }

  private Path blob(HubFile file) {
    return cache.blobs(model).resolve(file.hash());
  }

  private Answers answers(String file) {
    return client.answers(model, file);
  }

  /** Counts bytes and reports whole mebibytes. */
  private static final class Mebibytes implements LongConsumer {
    private final Progress.Task task;
    private long bytes;

    Mebibytes(Progress.Task task) {
      this.task = task;
    }

    @Override
    public void accept(long count) {
      long before = Math.ceilDiv(bytes, MIB);
      bytes += count;
      long steps = Math.ceilDiv(bytes, MIB) - before;
      if (steps > 0) {
        task.step(steps);
      }
    }
  }
}

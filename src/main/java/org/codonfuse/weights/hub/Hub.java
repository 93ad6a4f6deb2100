package org.codonfuse.weights.hub;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.download.Transport;
import org.codonfuse.io.Progress;

/**
 * Models on the Hugging Face hub, and the cache that they are kept in. May be used by several
 * threads and processes at once, Python's among them.
 */
public final class Hub {
  /**
   * What is about to be downloaded.
   *
   * @param model the model
   * @param commit the commit that its revision stands for
   * @param bytes the size of the files that are not in the cache
   */
  public record Announcement(HubModel model, String commit, long bytes) {}

  private final HubSettings settings;
  private final Transport.Timing timing;
  private final HubCache cache;

  /** A hub. */
  public Hub(HubSettings settings) {
    this(settings, Transport.Timing.PATIENT);
  }

  Hub(HubSettings settings, Transport.Timing timing) {
    this.settings = settings;
    this.timing = timing;
    this.cache = new HubCache(settings.cache());
  }

  /** Where it is and where its files are kept. */
  public HubSettings settings() {
    return settings;
  }

  /**
   * The directory of a model that is in the cache with all its files; the network is not touched.
   */
  public Optional<Path> cached(HubModel model, ModelFiles files) {
    return cache.find(model, files);
  }

  /**
   * The directory of a model, downloaded if it is not in the cache.
   *
   * @param known what is known of its files, by their names; whatever else arrives is refused
   * @param announce told before anything large is downloaded
   * @throws CodonfuseException of one sentence if it cannot be had; the cache holds nothing but
   *     whole files then
   */
  public Path get(
      HubModel model,
      ModelFiles files,
      Map<String, KnownFile> known,
      Consumer<Announcement> announce,
      Progress progress) {
    return cached(model, files).orElseGet(() -> refresh(model, files, known, announce, progress));
  }

  /** Like {@link #get}, but asks the hub what the revision stands for now. */
  public Path refresh(
      HubModel model,
      ModelFiles files,
      Map<String, KnownFile> known,
      Consumer<Announcement> announce,
      Progress progress) {
    if (settings.offline()) {
      throw new CodonfuseException(
          model
              + ": HF_HUB_OFFLINE forbids to download it to "
              + settings.cache()
              + "; unset it, or give a model directory.");
    }
    try (HubClient client = new HubClient(settings, timing)) {
      return new Pull(client, cache, model, known, announce, progress).run(files);
    }
  }
}

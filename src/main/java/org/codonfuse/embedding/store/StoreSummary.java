package org.codonfuse.embedding.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/**
 * What there is of a store, complete or not.
 *
 * @param manifest its manifest
 * @param parts that are there
 * @param bytes of those parts
 */
public record StoreSummary(StoreManifest manifest, int parts, long bytes) {
  /**
   * Looks at a store without reading its rows.
   *
   * @throws CodonfuseException if it is none
   */
  public static StoreSummary of(Path directory) {
    StoreFiles.requireStore(directory);
    StoreManifest manifest = StoreManifest.read(directory.resolve(StoreFiles.MANIFEST));
    try {
      int parts = 0;
      long bytes = 0;
      for (int number : StoreFiles.parts(directory)) {
        parts++;
        bytes += Files.size(StoreFiles.part(directory, number));
      }
      return new StoreSummary(manifest, parts, bytes);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(directory, e);
    }
  }

  /** How much there is, such as {@code 3 of 12 parts are there}. */
  public String share() {
    return "%d of %d parts are there".formatted(parts, manifest.count(StoreManifest.PARTS));
  }
}

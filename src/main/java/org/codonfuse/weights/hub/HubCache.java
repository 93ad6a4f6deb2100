package org.codonfuse.weights.hub;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.weights.Checkpoint;

/**
 * The cache that Python's {@code huggingface_hub} keeps too: {@code models--org--name} with {@code
 * blobs/<etag>}, {@code refs/<revision>} and {@code snapshots/<commit>/<file>}, links to blobs.
 *
 * @param root the directory of all repositories
 */
record HubCache(Path root) {
  Path repository(HubModel model) {
    return root.resolve("models--" + model.repository().replace("/", "--"));
  }

  Path blobs(HubModel model) {
    return repository(model).resolve("blobs");
  }

  Path snapshot(HubModel model, String commit) {
    return repository(model).resolve("snapshots").resolve(commit);
  }

  /** The snapshot of the revision, if it has all files that make a model. */
  Optional<Path> find(HubModel model, ModelFiles files) {
    return commit(model)
        .map(commit -> snapshot(model, commit))
        .filter(directory -> isComplete(directory, files));
  }

  private Optional<String> commit(HubModel model) {
    if (model.pinned()) {
      return Optional.of(model.revision());
    }
    Path ref = ref(model);
    if (!Files.isRegularFile(ref)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(ref).strip()).filter(HubModel::isCommit);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(ref, e);
    }
  }

  private Path ref(HubModel model) {
    return repository(model).resolve("refs").resolve(model.revision());
  }

  private static boolean isComplete(Path directory, ModelFiles files) {
    if (!areFiles(directory, files.required())) {
      return false;
    }
    Optional<Path> weights =
        files.weights().stream().map(directory::resolve).filter(Files::isRegularFile).findFirst();
    return files.weights().isEmpty()
        || weights
            .filter(
                file -> !Checkpoint.isIndex(file) || areFiles(directory, Checkpoint.shards(file)))
            .isPresent();
  }

  private static boolean areFiles(Path directory, Iterable<String> names) {
    for (String name : names) {
      if (!Files.isRegularFile(directory.resolve(name))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Puts a file into a snapshot: a relative link to its blob or, where links are not possible, the
   * blob itself.
   */
  void link(HubModel model, HubFile file) {
    Path target = snapshot(model, file.commit()).resolve(file.name());
    Path blob = blobs(model).resolve(file.hash());
    Path temporary = target.resolveSibling("." + UUID.randomUUID() + ".part");
    try {
      Files.createDirectories(target.getParent());
      try {
        if (Files.exists(target) && Files.isSameFile(target, blob)) {
          return;
        }
        Files.createSymbolicLink(temporary, target.getParent().relativize(blob));
      } catch (UnsupportedOperationException | FileSystemException _) {
        Files.copy(blob, temporary);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /** Notes which commit a branch or tag stands for. */
  void refer(HubModel model, String commit) {
    if (!model.pinned()) {
      AtomicFiles.writeString(ref(model), commit);
    }
  }

  /** Removes a blob that turned out to be wrong. */
  static void remove(Path blob) {
    try {
      Files.deleteIfExists(blob);
    } catch (IOException e) {
      throw new CodonfuseException(
          blob + ": is wrong and cannot be removed (" + AtomicFiles.reason(e) + "); remove it.", e);
    }
  }

  static CodonfuseException unwritable(Path file, IOException e) {
    return new CodonfuseException(
        file
            + ": cannot be written ("
            + AtomicFiles.reason(e)
            + "); make room, or choose another cache with HF_HUB_CACHE.",
        e);
  }
}

package org.codonfuse.datasets;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.datasets.DataServer.Copy;
import org.codonfuse.download.Attempts;
import org.codonfuse.download.Content;
import org.codonfuse.download.Download;
import org.codonfuse.download.Failures;
import org.codonfuse.download.Transport;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Json;
import org.codonfuse.io.Progress;

/**
 * Downloads into one directory.
 *
 * @param server where the files are
 * @param transport makes the requests
 * @param directory where they go
 * @param progress told of kibibytes
 */
record Retrieval(DataServer server, Transport transport, Path directory, Progress progress) {
  private static final int KIB = 1024;

  /** The licence comes first: no copy of the data is without it. */
  Copy of(PublicDataset dataset) {
    Path table = directory.resolve(dataset.name() + ".csv");
    Path licence = directory.resolve(dataset.name() + ".LICENSE.md");
    Path origin = directory.resolve(dataset.name() + ".origin.json");
    bring(PublicDataset.LICENCE_FILE, PublicDataset.LICENCE_BLOB, licence);
    boolean downloaded = bring(dataset.path(), dataset.blob(), table);
    if (downloaded || !Files.exists(origin)) {
      AtomicFiles.writeString(origin, Json.pretty(origin(dataset)) + "\n");
    }
    return new Copy(table, licence, origin, text(licence), downloaded);
  }

  private Map<String, Object> origin(PublicDataset dataset) {
    Map<String, Object> origin = new LinkedHashMap<>();
    origin.put("name", dataset.name());
    origin.put("measured", dataset.measured());
    origin.put("publication", dataset.source());
    origin.put("repository", "https://github.com/" + PublicDataset.REPOSITORY);
    origin.put("commit", PublicDataset.COMMIT);
    origin.put("path", dataset.path());
    origin.put("gitBlob", dataset.blob());
    origin.put("licence", PublicDataset.LICENCE);
    origin.put("downloadedFrom", server.location(dataset.path()).toString());
    return origin;
  }

  /** Whether it had to be downloaded. */
  private boolean bring(String path, String blob, Path target) {
    if (Files.exists(target)) {
      Optional<String> other = Content.mismatch(target, blob);
      if (other.isEmpty()) {
        return false;
      }
      throw new CodonfuseException(
          target
              + ": a file that is not the published one is in the way (its hash is "
              + other.get()
              + ", not "
              + blob
              + "); move it away, or choose another --output.");
    }
    RepositoryFile file = describe(path, blob);
    String name = "Downloading " + target.getFileName() + ", KiB";
    try (Progress.Task task = progress.start(name, Math.ceilDiv(file.size(), KIB))) {
      long[] bytes = {0};
      Download.to(
          target,
          transport,
          file,
          count -> {
            long before = bytes[0] / KIB;
            bytes[0] += count;
            task.step(bytes[0] / KIB - before);
          });
    }
    return true;
  }

  /** Asks how large it is, which git's hash depends on. */
  private RepositoryFile describe(String path, String blob) {
    FileFailures failures = new FileFailures(server, path);
    Attempts attempts = transport.attempts();
    while (true) {
      try {
        HttpResponse<Void> response = transport.head(server.location(path), _ -> true);
        int status = response.statusCode();
        if (Failures.isTemporary(status)) {
          attempts.again(
              failures.refusal(status, response.headers()),
              Failures.retryAfter(response.headers(), Instant.now()));
        } else if (status != 200) {
          throw failures.refusal(status, response.headers());
        } else {
          long size =
              response
                  .headers()
                  .firstValue("Content-Length")
                  .filter(text -> text.matches("\\d{1,15}"))
                  .map(Long::parseLong)
                  .orElseThrow(
                      () ->
                          failures.failure(
                              "the server does not say how large it is; name another one with"
                                  + " --endpoint."));
          return new RepositoryFile(transport, server, path, blob, size);
        }
      } catch (IOException e) {
        attempts.again(failures.unreachable(e), Optional.empty());
      }
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
  }
}

package org.codonfuse.datasets;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.download.Transport;
import org.codonfuse.io.Progress;

/**
 * Where files of repositories are read: GitHub, or a mirror with the same paths.
 *
 * @param endpoint the address before {@code /OWNER/REPOSITORY/COMMIT/PATH}, without a slash at its
 *     end
 */
public record DataServer(URI endpoint) {
  /** Where the files are unless another place is named. */
  public static final String GITHUB = "https://raw.githubusercontent.com";

  /** The environment variable that names another place. */
  public static final String VARIABLE = "CODONFUSE_DATA_ENDPOINT";

  /**
   * What was downloaded.
   *
   * @param table the data, CSV
   * @param licence the licence, which belongs to every copy
   * @param origin where both came from, JSON
   * @param licenceText the text of the licence
   * @param downloaded whether the table was not there before
   */
  public record Copy(
      Path table, Path licence, Path origin, String licenceText, boolean downloaded) {}

  /**
   * The server at an address.
   *
   * @param source what named it, for the message
   * @throws UsageException if it is no address
   */
  public static DataServer at(String address, String source) {
    try {
      URI uri = new URI(address.replaceFirst("/+$", ""));
      if (List.of("http", "https").contains(String.valueOf(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getRawQuery() == null) {
        return new DataServer(uri);
      }
    } catch (URISyntaxException _) {
      // The sentence below is for this too.
    }
    throw new UsageException(
        source + " '" + address + "' is not an address such as " + GITHUB + "; correct it");
  }

  /**
   * Downloads a data set; what is there already is checked and kept.
   *
   * @param directory gets {@code NAME.csv}, {@code NAME.LICENSE.md} and {@code NAME.origin.json}
   * @throws CodonfuseException of one sentence if a file cannot be had, is not the published one,
   *     or another one is in its place; nothing unfinished is left then
   */
  public Copy download(PublicDataset dataset, Path directory, Progress progress) {
    return download(dataset, directory, progress, Transport.Timing.PATIENT);
  }

  Copy download(PublicDataset dataset, Path directory, Progress progress, Transport.Timing timing) {
    try (Transport transport = new Transport(timing, Optional.empty())) {
      return new Retrieval(this, transport, directory, progress).of(dataset);
    }
  }

  /** The address of a file. */
  URI location(String path) {
    return URI.create(
        "%s/%s/%s/%s"
            .formatted(
                endpoint, PublicDataset.REPOSITORY, PublicDataset.COMMIT, Transport.encoded(path)));
  }
}

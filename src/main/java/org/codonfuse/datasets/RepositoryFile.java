package org.codonfuse.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.codonfuse.download.Failures;
import org.codonfuse.download.RemoteFile;
import org.codonfuse.download.Transport;

/**
 * A file of the repository.
 *
 * @param transport makes the requests
 * @param server where it is
 * @param path its path in the repository
 * @param hash git's SHA-1 of it as a blob
 * @param size in bytes, as the server says
 */
record RepositoryFile(Transport transport, DataServer server, String path, String hash, long size)
    implements RemoteFile {
  @Override
  public HttpResponse<InputStream> get(long from, Optional<String> validator) throws IOException {
    return transport.get(server.location(path), from, validator);
  }

  @Override
  public Failures failures() {
    return new FileFailures(server, path);
  }

  @Override
  public String toString() {
    return server.location(path).toString();
  }
}

package org.codonfuse.weights.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.codonfuse.download.RemoteFile;

/**
 * What the hub says of a file.
 *
 * @param client asks the hub
 * @param model the model that it belongs to
 * @param name its path in the repository
 * @param commit the commit that the revision stands for
 * @param hash its ETag: the SHA-256 of large files, git's SHA-1 of others; its name in the cache
 * @param size in bytes
 */
record HubFile(HubClient client, HubModel model, String name, String commit, String hash, long size)
    implements RemoteFile {
  @Override
  public HttpResponse<InputStream> get(long from, Optional<String> validator) throws IOException {
    return client.get(model, name, from, validator);
  }

  @Override
  public Answers failures() {
    return client.answers(model, name);
  }

  @Override
  public String toString() {
    return model + ", " + name;
  }
}

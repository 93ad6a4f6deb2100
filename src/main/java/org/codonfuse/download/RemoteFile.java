package org.codonfuse.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Optional;

/** A file on a server. */
public interface RemoteFile {
  /** The SHA-256 of its bytes or git's SHA-1 of them as a blob; another text says nothing. */
  String hash();

  /** How many bytes it has. */
  long size();

  /**
   * Begins to read it.
   *
   * @param from the first byte wanted
   * @param validator the strong ETag that the bytes before came with
   * @return the answer, whose body {@link Transport#body} reads and the caller closes
   */
  HttpResponse<InputStream> get(long from, Optional<String> validator) throws IOException;

  /** The sentences about it. */
  Failures failures();
}

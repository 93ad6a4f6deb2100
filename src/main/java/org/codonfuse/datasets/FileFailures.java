package org.codonfuse.datasets;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.file.Path;
import org.codonfuse.CodonfuseException;
import org.codonfuse.download.Failures;
import org.codonfuse.io.AtomicFiles;

/** What went wrong with a file of the repository. */
record FileFailures(DataServer server, String path) implements Failures {
  private static final String OTHER =
      "name a mirror with --endpoint or " + DataServer.VARIABLE + ".";

  @Override
  public CodonfuseException refusal(int status, HttpHeaders headers) {
    return failure(
        switch (status) {
          case 404 -> "the server has no such file (404); " + OTHER;
          case TOO_MANY_REQUESTS ->
              "the server asks for fewer requests (429); try again " + Failures.when(headers);
          default ->
              status >= 500
                  ? "the server fails (" + status + "); try again later."
                  : "the server answers " + status + "; " + OTHER;
        });
  }

  @Override
  public CodonfuseException unreachable(IOException e) {
    return new CodonfuseException(
        sentence(
            "the connection failed (" + Failures.reason(e) + "); try again later, or " + OTHER),
        e);
  }

  @Override
  public CodonfuseException failure(String sentence) {
    return new CodonfuseException(sentence(sentence));
  }

  @Override
  public CodonfuseException unwritable(Path file, IOException e) {
    return AtomicFiles.unwritable(file, e);
  }

  private String sentence(String text) {
    return server.location(path) + ": " + text;
  }
}

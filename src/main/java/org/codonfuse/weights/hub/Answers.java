package org.codonfuse.weights.hub;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.file.Path;
import org.codonfuse.CodonfuseException;
import org.codonfuse.download.Failures;

/**
 * What went wrong with a file of a model, in a sentence.
 *
 * @param settings the hub
 * @param model the model
 * @param file its file
 */
record Answers(HubSettings settings, HubModel model, String file) implements Failures {
  @Override
  public CodonfuseException refusal(int status, HttpHeaders headers) {
    String code = headers.firstValue("X-Error-Code").orElse("");
    return failure(
        switch (status) {
          case 401 ->
              settings.token().isPresent()
                  ? "the hub does not accept the token (401); check the name, and HF_TOKEN."
                  : "there is no such repository, or it is private or gated (401); check the name,"
                      + " or set HF_TOKEN to a token that may read it.";
          case 403 ->
              "the hub forbids it (403); accept the conditions at "
                  + settings.endpoint()
                  + "/"
                  + model.repository()
                  + " and set HF_TOKEN to a token that may read gated repositories.";
          case 404 -> missing(code);
          case TOO_MANY_REQUESTS ->
              "the hub asks for fewer requests (429); try again " + Failures.when(headers);
          default ->
              status >= 500
                  ? "the hub fails (" + status + "); try again later."
                  : "the hub answers " + status + "; check HF_ENDPOINT.";
        });
  }

  private String missing(String code) {
    return switch (code) {
      case "RepoNotFound" -> "there is no such repository (404); check the name.";
      case "RevisionNotFound" ->
          "the repository has no revision '" + model.revision() + "' (404); check the name.";
      case "EntryNotFound" -> "the repository has no such file (404); it holds no model for this.";
      default ->
          "there is no such repository, revision or file (404); check the names of the model.";
    };
  }

  @Override
  public CodonfuseException unreachable(IOException e) {
    return failure(
        "the connection to "
            + settings.endpoint()
            + " failed ("
            + Failures.reason(e)
            + "); try again later, or set HF_ENDPOINT to a mirror.",
        e);
  }

  @Override
  public CodonfuseException failure(String sentence) {
    return failure(sentence, null);
  }

  /** A sentence about this file and what it was found by. */
  CodonfuseException failure(String sentence, Throwable cause) {
    return new CodonfuseException(model + ", " + file + ": " + sentence, cause);
  }

  @Override
  public CodonfuseException unwritable(Path path, IOException e) {
    return HubCache.unwritable(path, e);
  }
}

package org.codonfuse.weights.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.codonfuse.CodonfuseException;

/**
 * What went wrong with a file of a model, in a sentence.
 *
 * @param settings the hub
 * @param model the model
 * @param file its file
 */
record Answers(HubSettings settings, HubModel model, String file) {
  private static final int TOO_MANY_REQUESTS = 429;

  /** Whether the same request may succeed in a moment. */
  static boolean isTemporary(int status) {
    return status == 408 || status == TOO_MANY_REQUESTS || status >= 500;
  }

  /** How long the hub asks to wait: seconds or a date. */
  static Optional<Duration> retryAfter(HttpHeaders headers, Instant now) {
    return headers
        .firstValue("Retry-After")
        .flatMap(
            text -> {
              try {
                return Optional.of(
                    text.matches("\\d{1,9}")
                        ? Duration.ofSeconds(Long.parseLong(text))
                        : Duration.between(
                            now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)));
              } catch (DateTimeParseException _) {
                return Optional.empty();
              }
            })
        .map(wait -> wait.isNegative() ? Duration.ZERO : wait);
  }

  /** An answer with a status that is no success. */
  CodonfuseException refusal(int status, HttpHeaders headers) {
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
              "the hub asks for fewer requests (429); try again "
                  + headers
                      .firstValue("Retry-After")
                      .filter(text -> text.matches("\\d+"))
                      .map(seconds -> "in " + seconds + " s.")
                      .orElse("later.");
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

  /** No answer, or one that broke off. */
  CodonfuseException unreachable(IOException e) {
    return failure(
        "the connection to "
            + settings.endpoint()
            + " failed ("
            + reason(e)
            + "); try again later, or set HF_ENDPOINT to a mirror.",
        e);
  }

  /** A sentence about this file. */
  CodonfuseException failure(String sentence) {
    return failure(sentence, null);
  }

  /** A sentence about this file and what it was found by. */
  CodonfuseException failure(String sentence, Throwable cause) {
    return new CodonfuseException(model + ", " + file + ": " + sentence, cause);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case ConnectException c when unresolved(c) -> "the name of the host is not known";
      case ConnectException _ -> "nobody answers there";
      case HttpTimeoutException _ -> "no answer in time";
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }

  private static boolean unresolved(Throwable e) {
    return e instanceof UnresolvedAddressException
        || (e.getCause() != null && unresolved(e.getCause()));
  }
}

package org.codonfuse.download;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.codonfuse.CodonfuseException;

/** What went wrong with a file, in a sentence that names it and what to do. */
public interface Failures {
  /** The server asks for fewer requests. */
  int TOO_MANY_REQUESTS = 429;

  /** An answer with a status that is no success. */
  CodonfuseException refusal(int status, HttpHeaders headers);

  /** No answer, or one that broke off. */
  CodonfuseException unreachable(IOException e);

  /** A sentence about this file. */
  CodonfuseException failure(String sentence);

  /** What arrived cannot be kept. */
  CodonfuseException unwritable(Path file, IOException e);

  /** Whether the same request may succeed in a moment. */
  static boolean isTemporary(int status) {
    return status == 408 || status == TOO_MANY_REQUESTS || status >= 500;
  }

  /** How long the server asks to wait: seconds or a date. */
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

  /** When to try again, as a server that asks for fewer requests says: {@code in 5 s.} */
  static String when(HttpHeaders headers) {
    return headers
        .firstValue("Retry-After")
        .filter(text -> text.matches("\\d+"))
        .map(seconds -> "in " + seconds + " s.")
        .orElse("later.");
  }

  /** Why there was no answer, in words. */
  static String reason(IOException e) {
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

package org.codonfuse.weights.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/**
 * Where the hub is and where its files are kept, as the environment variables of Hugging Face's
 * tools say.
 *
 * @param endpoint the hub, without a slash at its end ({@code HF_ENDPOINT})
 * @param token what private and gated repositories are read with ({@code HF_TOKEN}, or the file
 *     {@code token} in {@code HF_HOME})
 * @param cache the directory of all repositories ({@code HF_HUB_CACHE}, or {@code hub} in {@code
 *     HF_HOME})
 * @param offline whether the network must not be touched ({@code HF_HUB_OFFLINE})
 */
public record HubSettings(URI endpoint, Optional<String> token, Path cache, boolean offline) {
  private static final String PUBLIC_HUB = "https://huggingface.co";
  private static final List<String> YES = List.of("1", "on", "yes", "true");

  /**
   * Reads the settings.
   *
   * @param environment the environment variables
   * @param home the user's directory, for what is not set
   * @throws CodonfuseException if one of them is unusable
   */
  public static HubSettings of(Map<String, String> environment, Path home) {
    Variables variables = new Variables(environment, home);
    Path files =
        variables
            .path("HF_HOME")
            .orElseGet(
                () ->
                    variables
                        .path("XDG_CACHE_HOME")
                        .orElse(home.resolve(".cache"))
                        .resolve("huggingface"));
    return new HubSettings(
        endpoint(variables.text("HF_ENDPOINT").orElse(PUBLIC_HUB)),
        variables.text("HF_TOKEN").or(() -> token(files.resolve("token"))).map(HubSettings::valid),
        variables.path("HF_HUB_CACHE").orElse(files.resolve("hub")).toAbsolutePath().normalize(),
        variables.text("HF_HUB_OFFLINE").map(HubSettings::isYes).orElse(false));
  }

  /** The settings of this process. */
  public static HubSettings ofProcess() {
    return of(System.getenv(), Path.of(System.getProperty("user.home")));
  }

  /** Leaves the token out. */
  @Override
  public String toString() {
    return endpoint + (offline ? " (offline)" : "") + ", cache " + cache;
  }

  private static boolean isYes(String text) {
    return YES.contains(text.toLowerCase(Locale.ROOT));
  }

  private static URI endpoint(String text) {
    try {
      URI uri = new URI(text.replaceFirst("/+$", ""));
      if (List.of("http", "https").contains(String.valueOf(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException _) {
      // The sentence below is for this too.
    }
    throw new CodonfuseException(
        "HF_ENDPOINT '" + text + "' is not an address such as " + PUBLIC_HUB + "; correct it.");
  }

  private static Optional<String> token(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(file).strip()).filter(token -> !token.isEmpty());
    } catch (IOException e) {
      throw new CodonfuseException(
          file + ": cannot be read (" + AtomicFiles.reason(e) + "); set HF_TOKEN instead.", e);
    }
  }

  private static String valid(String token) {
    if (!token.matches("[!-~]+")) {
      throw new CodonfuseException(
          "The token of the hub holds a character that none has; correct HF_TOKEN.");
    }
    return token;
  }

  private record Variables(Map<String, String> environment, Path home) {
    Optional<String> text(String name) {
      return Optional.ofNullable(environment.get(name))
          .map(String::strip)
          .filter(value -> !value.isEmpty());
    }

    Optional<Path> path(String name) {
      return text(name)
          .map(value -> value.startsWith("~/") ? home.resolve(value.substring(2)) : Path.of(value));
    }
  }
}

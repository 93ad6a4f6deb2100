package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;
import org.codonfuse.encoder.EncoderPreset;
import org.codonfuse.training.run.StreamSources;
import org.codonfuse.weights.hub.HubModel;
import org.codonfuse.weights.hub.KnownFile;
import org.codonfuse.weights.hub.ModelFiles;

/** What the argument for a model names. */
sealed interface ModelReference {
  /**
   * A directory here, which may be missing.
   *
   * @param directory as it was given
   */
  record Local(Path directory) implements ModelReference {}

  /**
   * A model on the hub.
   *
   * @param model its repository and revision
   * @param preset the preset that it was named by
   */
  record Published(HubModel model, Optional<EncoderPreset> preset) implements ModelReference {
    /** Which files it consists of. */
    ModelFiles files() {
      return preset.map(EncoderPreset::files).orElse(ModelFiles.ENCODER);
    }

    /** What is known of the files of this revision. */
    Map<String, KnownFile> known() {
      return preset.filter(p -> p.hub().equals(model)).map(EncoderPreset::known).orElse(Map.of());
    }

    /** The licence, or where it is found. */
    String licence(String endpoint) {
      return preset
          .map(p -> "licence of the weights: " + p.licence())
          .orElse("for the licence see " + endpoint + "/" + model.repository());
    }
  }

  /**
   * A path if there is such a file or directory or it looks like one (begins with {@code .} or
   * {@code /}, has several slashes or ends in one, or lies in a directory that is there) or the
   * name of the codons themselves, else a preset or an id on the hub, each perhaps with
   * {@code @revision}.
   *
   * @throws UsageException if it is none of them
   */
  static ModelReference parse(String argument) {
    Optional<Path> path = path(argument);
    if (path.isPresent()) {
      return new Local(path.get());
    }
    return published(argument);
  }

  /**
   * A preset or an id on the hub.
   *
   * @throws UsageException if it is neither
   */
  static Published published(String argument) {
    int at = argument.indexOf('@');
    String name = at < 0 ? argument : argument.substring(0, at);
    Optional<EncoderPreset> preset = EncoderPreset.find(name);
    Optional<HubModel> model =
        preset.isEmpty()
            ? HubModel.parse(argument)
            : at < 0
                ? preset.map(EncoderPreset::hub)
                : preset.get().hub().at(argument.substring(at + 1));
    return model
        .map(m -> new Published(m, preset))
        .orElseThrow(
            () ->
                new UsageException(
                    "'"
                        + argument
                        + "' is neither a preset nor an id such as organisation/name on the hub"
                        + (path(argument).isPresent() ? "" : ", nor a directory here")
                        + "; the presets are "
                        + EncoderPreset.ALL.stream()
                            .map(EncoderPreset::name)
                            .collect(Collectors.joining(", "))));
  }

  private static Optional<Path> path(String argument) {
    try {
      Path path = Path.of(argument);
      boolean looksLikeOne =
          argument.isEmpty()
              || argument.equals(StreamSources.ONE_HOT)
              || argument.startsWith(".")
              || argument.startsWith("/")
              || argument.endsWith("/")
              || argument.indexOf('/') != argument.lastIndexOf('/')
              || (path.getParent() != null && Files.isDirectory(path.getParent()));
      return looksLikeOne || Files.exists(path) ? Optional.of(path) : Optional.empty();
    } catch (InvalidPathException _) {
      return Optional.empty();
    }
  }
}

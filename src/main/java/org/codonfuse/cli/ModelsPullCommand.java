package org.codonfuse.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.UsageException;
import org.codonfuse.cli.ModelReference.Published;
import org.codonfuse.weights.hub.HubModel;
import org.codonfuse.weights.hub.HubSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse models pull}: a model from the hub into the cache. */
@Command(
    name = "pull",
    description = {
      "Downloads a model into the cache that Hugging Face's tools share, and prints its directory.",
      "What is in the cache is not asked for again. The variables HF_TOKEN, HF_ENDPOINT, HF_HOME,"
          + " HF_HUB_CACHE and HF_HUB_OFFLINE mean what they mean there."
    })
final class ModelsPullCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  @Parameters(
      paramLabel = "MODEL",
      description =
          "A preset (see 'codonfuse models list') or an id on the hub:"
              + " organisation/name[@revision].")
  private String argument;

  @Option(
      names = "--revision",
      paramLabel = "NAME",
      description = "A branch, tag or commit (default: the preset's, or main).")
  private Optional<String> revision = Optional.empty();

  @Option(
      names = "--refresh",
      description = "Ask the hub whether the branch or tag stands for a newer commit now.")
  private boolean refresh;

  @Override
  public Integer call() {
    Console console = global.console();
    Published published = ModelReference.published(argument);
    if (revision.isPresent()) {
      if (argument.contains("@")) {
        throw new UsageException(
            "'" + argument + "' names a revision already; leave out --revision " + revision.get());
      }
      HubModel at =
          published
              .model()
              .at(revision.get())
              .orElseThrow(
                  () ->
                      new UsageException(
                          "--revision '" + revision.get() + "' is no name of a revision"));
      published = new Published(at, published.preset());
    }
    ModelResolver.Resolved resolved = new ModelResolver(console).get(published, refresh);
    String licence = published.licence(HubSettings.ofProcess().endpoint().toString());
    if (json.wanted()) {
      Map<String, Object> results = new LinkedHashMap<>();
      results.put("repository", resolved.id());
      results.put("commit", resolved.commit().orElseThrow());
      results.put("licence", published.preset().map(p -> p.licence()).orElse(null));
      results.put("directory", resolved.directory().toString());
      console.json(results);
    } else {
      console.note(published.model() + ": " + licence);
      console.print(resolved.directory().toString());
    }
    return 0;
  }
}

package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.codonfuse.UsageException;
import org.codonfuse.datasets.DataServer;
import org.codonfuse.datasets.PublicDataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse data download}: public data sets, checked, with their licence. */
@Command(
    name = "download",
    description = {
      "Downloads public data sets (see 'codonfuse data list') and prints where they are.",
      "Writes NAME.csv, its licence NAME.LICENSE.md, and NAME.origin.json, which says where it is"
          + " from. Whatever is not the published file is refused; what is there"
          + " already is checked and kept."
    })
final class DataDownloadCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "Data sets.")
  private List<String> names;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Where to put them (default: ${DEFAULT-VALUE}).",
      defaultValue = "data")
  private Path output;

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      description =
          "A mirror with the paths of "
              + DataServer.GITHUB
              + " (default: the variable "
              + DataServer.VARIABLE
              + ", or GitHub).")
  private Optional<String> endpoint = Optional.empty();

  @Override
  public Integer call() {
    Console console = global.console();
    List<PublicDataset> datasets = names.stream().distinct().map(this::dataset).toList();
    DataServer server =
        endpoint.map(address -> DataServer.at(address, "--endpoint")).orElseGet(this::server);
    List<Map<String, Object>> results =
        datasets.stream().map(dataset -> download(server, dataset, console)).toList();
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("licence", PublicDataset.LICENCE);
      result.put("datasets", results);
      console.json(result);
    }
    return 0;
  }

  private Map<String, Object> download(DataServer server, PublicDataset dataset, Console console) {
    DataServer.Copy copy = server.download(dataset, output, console.progress());
    console.note(
        "%s: %s, for %s; by using it you accept its licence (%s):"
            .formatted(
                copy.table(),
                copy.downloaded() ? "downloaded" : "is here already",
                PublicDataset.LICENCE,
                copy.licence()));
    console.note(copy.licenceText().strip());
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("name", dataset.name());
    result.put("file", copy.table().toString());
    result.put("licenceFile", copy.licence().toString());
    result.put("originFile", copy.origin().toString());
    result.put("downloaded", copy.downloaded());
    result.put(
        "maxLength", dataset.maxLength().isPresent() ? dataset.maxLength().getAsInt() : null);
    if (!json.wanted()) {
      console.print(copy.table().toString());
    }
    return result;
  }

  private PublicDataset dataset(String name) {
    return PublicDataset.find(name)
        .orElseThrow(
            () ->
                new UsageException(
                    "'"
                        + name
                        + "' is no public data set; there are "
                        + PublicDataset.KNOWN.stream()
                            .map(PublicDataset::name)
                            .collect(Collectors.joining(", "))));
  }

  private DataServer server() {
    return Optional.ofNullable(System.getenv(DataServer.VARIABLE))
        .filter(text -> !text.isBlank())
        .map(text -> DataServer.at(text, DataServer.VARIABLE))
        .orElseGet(() -> DataServer.at(DataServer.GITHUB, "GitHub"));
  }
}

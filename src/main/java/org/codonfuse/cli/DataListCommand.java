package org.codonfuse.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.codonfuse.datasets.PublicDataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code codonfuse data list}: the public data sets, without touching the network. */
@Command(
    name = "list",
    description = {
      "Lists the public data sets that have a short name.",
      "They are those of the CodonBERT repository. The Ab1 set of the BioLangFusion paper is not"
          + " public."
    })
final class DataListCommand implements Callable<Integer> {
  private static final String ROW = "%-15s %-28s %-10s  %s";

  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  @Override
  public Integer call() {
    Console console = global.console();
    if (json.wanted()) {
      Map<String, Object> results = new LinkedHashMap<>();
      results.put("repository", "https://github.com/" + PublicDataset.REPOSITORY);
      results.put("commit", PublicDataset.COMMIT);
      results.put("licence", PublicDataset.LICENCE);
      results.put("datasets", PublicDataset.KNOWN.stream().map(DataListCommand::object).toList());
      console.json(results);
      return 0;
    }
    console.print(ROW.formatted("data set", "measured", "max-length", "published in"));
    for (PublicDataset dataset : PublicDataset.KNOWN) {
      console.print(
          ROW.formatted(
              dataset.name(), dataset.measured(), maxLength(dataset), brief(dataset.source())));
    }
    console.print("");
    console.print("From https://github.com/" + PublicDataset.REPOSITORY + ",");
    console.print("for " + PublicDataset.LICENCE + ".");
    console.print("max-length: longest sequence in BioLangFusion (train --max-length).");
    return 0;
  }

  /** DOIs as they are cited, so that rows fit into a terminal. */
  private static String brief(String source) {
    return source
        .replaceFirst("^https://doi\\.org/", "doi:")
        .replaceFirst("^https://(www\\.)?", "");
  }

  private static String maxLength(PublicDataset dataset) {
    return dataset.maxLength().isPresent() ? Integer.toString(dataset.maxLength().getAsInt()) : "-";
  }

  private static Map<String, Object> object(PublicDataset dataset) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", dataset.name());
    object.put("measured", dataset.measured());
    object.put(
        "maxLength", dataset.maxLength().isPresent() ? dataset.maxLength().getAsInt() : null);
    object.put("publication", dataset.source());
    object.put("file", dataset.file());
    object.put("gitBlob", dataset.blob());
    return object;
  }
}

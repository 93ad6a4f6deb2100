package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.codonfuse.embedding.store.StoreVerification;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code codonfuse store verify}: whether a store is as it was written. */
@Command(
    name = "verify",
    description = {
      "Reads a whole embedding store and says what is wrong with it.",
      "Checks checksums, shapes, the lines of the index, and that all values are finite. The exit"
          + " code is 1 if anything is wrong."
    })
final class StoreVerifyCommand implements Callable<Integer> {
  private static final int SHOWN = 20;

  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;

  @Parameters(
      paramLabel = "STORE",
      description = "Directory that 'codonfuse embed' or 'align' wrote.")
  private Path directory;

  @Override
  public Integer call() {
    Console console = global.console();
    List<String> findings = StoreVerification.of(directory, console.progress());
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("store", directory.toString());
      result.put("right", findings.isEmpty());
      result.put("findings", findings);
      console.json(result);
    } else {
      findings.stream().limit(SHOWN).forEach(console::print);
      if (findings.size() > SHOWN) {
        console.print("and %d more".formatted(findings.size() - SHOWN));
      }
      console.print(
          directory
              + ": "
              + switch (findings.size()) {
                case 0 -> "everything is right";
                case 1 -> "1 finding";
                default -> findings.size() + " findings";
              });
    }
    return findings.isEmpty() ? 0 : 1;
  }
}

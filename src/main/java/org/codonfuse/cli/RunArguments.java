package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.Map;
import org.codonfuse.UsageException;
import org.codonfuse.training.run.DirectoryKind;
import org.codonfuse.training.run.RunDirectory;
import picocli.CommandLine.Option;

/** Where a run goes, and what becomes of what is there. */
final class RunArguments {
  @Option(
      names = "--output",
      paramLabel = "RUN",
      required = true,
      description = "Directory to write; must not exist.")
  private Path output;

  @Option(
      names = "--overwrite",
      description = "Replace an existing run, or begin an interrupted one again.")
  private boolean overwrite;

  @Option(
      names = "--resume",
      description =
          "Go on with an interrupted training; begin where there is none, and do nothing where the"
              + " run is finished.")
  private boolean resume;

  Path output() {
    return output;
  }

  /**
   * What becomes of what is there.
   *
   * @throws UsageException if both was asked for
   */
  RunDirectory.Existing existing() {
    if (resume && overwrite) {
      throw new UsageException("--resume goes on and --overwrite begins again; give one of them.");
    }
    return overwrite
        ? RunDirectory.Existing.REPLACE
        : resume ? RunDirectory.Existing.RESUME : RunDirectory.Existing.REFUSE;
  }

  /** Whether there is nothing to go on with because the run is finished, which it says. */
  boolean isFinished(Console console, JsonOption json) {
    return isFinished(console, json, DirectoryKind.RUN);
  }

  /** The same of what is of another kind than a run. */
  boolean isFinished(Console console, JsonOption json, DirectoryKind kind) {
    if (existing() != RunDirectory.Existing.RESUME || !RunDirectory.isFinished(output, kind)) {
      return false;
    }
    if (json.wanted()) {
      console.json(Map.of("run", output.toString(), "finished", true));
    } else {
      console.print(output + ": is finished; nothing is left to do.");
    }
    return true;
  }
}

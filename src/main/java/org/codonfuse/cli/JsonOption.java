package org.codonfuse.cli;

import picocli.CommandLine.Option;

/** The option of every command that prints results. */
final class JsonOption {
  @Option(names = "--json", description = "Print the results as one JSON object.")
  private boolean json;

  /** Whether results are wanted as one JSON object. */
  boolean wanted() {
    return json;
  }
}

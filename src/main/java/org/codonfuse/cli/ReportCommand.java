package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.UsageException;
import org.codonfuse.report.Report;
import org.codonfuse.report.ReportData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse report}: what runs found, as a page and as figures. */
@Command(
    name = "report",
    description = {
      "Writes a page with the results of one or more runs: tables, curves, predictions and, after"
          + " 'codonfuse explain', what they come from.",
      "The page is one file that any browser shows without a network."
    })
final class ReportCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;

  @Parameters(
      paramLabel = "RUN",
      arity = "1..*",
      description = "Directory that 'codonfuse train', 'finetune' or 'baseline' wrote.")
  private List<Path> runs;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      defaultValue = Report.NAME,
      description = "The page; an earlier report is replaced (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Option(
      names = "--figures",
      paramLabel = "DIR",
      description = "Also write every figure as PNG and SVG, and its numbers as CSV, into DIR.")
  private Optional<Path> figures = Optional.empty();

  @Override
  public Integer call() {
    Console console = global.console();
    Report.requireReplaceable(output);
    figures.filter(Files::isRegularFile).ifPresent(ReportCommand::refuse);
    Report report = Report.of(ReportData.read(runs));
    report.write(output, VersionProvider.version());
    console.print("Report: " + output);
    figures.ifPresent(
        directory -> {
          report.writeFigures(directory);
          console.print("Figures: %s (%d)".formatted(directory, report.charts().size()));
        });
    return 0;
  }

  private static void refuse(Path file) {
    throw new UsageException(file + ": is a file; name a directory for --figures.");
  }
}

package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.codonfuse.CodonfuseException;
import org.codonfuse.report.Report;
import org.codonfuse.report.ReportData;

/** The report at the end of a command, which has succeeded without it. */
final class EndReport {
  private final Path file;
  private final Supplier<ReportData> data;

  private EndReport(Path file, Supplier<ReportData> data) {
    this.file = file;
    this.data = data;
  }

  /**
   * A report.
   *
   * @param data read when it is written
   */
  static EndReport of(Path file, Supplier<ReportData> data) {
    return new EndReport(file, data);
  }

  /** A report in the run that it is about. */
  static EndReport ofRun(Path run) {
    return new EndReport(run.resolve(Report.NAME), () -> ReportData.read(List.of(run)));
  }

  /** Writes it, or says why there is none. */
  void write(Console console) {
    try {
      Report.requireReplaceable(file);
      Report.of(data.get()).write(file, VersionProvider.version());
      console.note("Report: " + file);
    } catch (CodonfuseException e) {
      console.note("There is no report: " + e.getMessage());
    }
  }

  /** Writes it where an interrupted command did not. */
  void writeMissing(Console console) {
    if (Files.notExists(file)) {
      write(console);
    }
  }
}

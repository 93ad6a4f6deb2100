package org.codonfuse.report;

import java.io.IOException;
import java.io.Reader;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.report.chart.Chart;
import org.codonfuse.report.chart.ChartImages;
import org.codonfuse.report.chart.ChartTable;
import org.codonfuse.training.run.RunDirectory;

/** What there is to say about some runs. */
public final class Report {
  /** What it is called within a run. */
  public static final String NAME = RunDirectory.REPORT;

  /** All chapters in their order. */
  private static final List<Section> SECTIONS =
      List.of(
          new ExperimentSection(),
          new ResultSection(),
          new PredictionSection(),
          new ModalitySection(),
          new CodonSection(),
          new SequenceSection(),
          new AttentionSection(),
          new MapSection(),
          new PatternSection(),
          new CompletenessSection(),
          new TrainingSection(),
          new DataSection(),
          new SettingsSection(),
          new ProvenanceSection());

  private final ReportData data;
  private final List<Chapter> chapters;

  private Report(ReportData data, List<Chapter> chapters) {
    this.data = data;
    this.chapters = chapters;
  }

  /** A report on runs. */
  public static Report of(ReportData data) {
    return new Report(
        data,
        SECTIONS.stream().map(section -> section.of(data)).flatMap(Optional::stream).toList());
  }

  /**
   * Fails where {@link #write} would fail in the end, or destroy something other than a report.
   *
   * @throws UsageException if the file could not or must not be written
   */
  public static void requireReplaceable(Path file) {
    if (Files.isDirectory(file)) {
      throw new UsageException(file + ": is a directory; name a file for --output.");
    }
    if (Files.exists(file) && !isReport(file)) {
      throw new UsageException(file + ": is there and is no report; choose another --output.");
    }
  }

  private static boolean isReport(Path file) {
    CharBuffer start = CharBuffer.allocate(2048);
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      while (start.hasRemaining() && reader.read(start) >= 0) {}
    } catch (IOException e) {
      throw AtomicFiles.unreadable(file, e);
    }
    return start.flip().toString().contains("content=\"" + Page.GENERATOR + " ");
  }

  /**
   * Writes the page.
   *
   * @param version of the program
   * @throws CodonfuseException if it cannot be written; nothing is left behind then
   */
  public void write(Path file, String version) {
    AtomicFiles.writeString(file, Page.of(data.title(), subtitle(), version, chapters));
  }

  /**
   * Writes every figure as PNG, SVG and CSV.
   *
   * @throws CodonfuseException if one cannot be drawn or written
   */
  public void writeFigures(Path directory) {
    ChartImages.requireFonts();
    for (Chart chart : charts()) {
      String name = chart.caption().id();
      ChartImages.png(chart, directory.resolve(name + ".png"));
      ChartImages.svg(chart, directory.resolve(name + ".svg"));
      ChartTable.of(chart).write(directory.resolve(name + ".csv"));
    }
  }

  /** All figures in their order. */
  public List<Chart> charts() {
    return chapters.stream().flatMap(chapter -> charts(chapter.blocks())).toList();
  }

  private static Stream<Chart> charts(List<Block> blocks) {
    return blocks.stream()
        .flatMap(
            block ->
                switch (block) {
                  case Block.Plot(Chart chart) -> Stream.of(chart);
                  case Block.Plots(List<Chart> charts) -> charts.stream();
                  case Block.Choice choice ->
                      choice.options().stream().flatMap(option -> charts(option.blocks()));
                  case Block.Subheading _, Block.Paragraph _, Block.Table _, Block.Html _ ->
                      Stream.empty();
                });
  }

  private String subtitle() {
    return data.runs().stream()
        .map(run -> Texts.capital(run.outputs().task().label()) + " of " + run.targets())
        .distinct()
        .collect(Collectors.joining("; "));
  }
}

package org.codonfuse.report;

import static j2html.TagCreator.code;
import static j2html.TagCreator.details;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.summary;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.report.DataTable.Cell;
import org.codonfuse.training.run.RunConfig;

/** Where the runs came from and how they are made again. */
final class ProvenanceSection implements Section {
  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Block.Table(runs(data)));
    blocks.add(new Block.Table(files(data)));
    if (data.experiment().isEmpty()) {
      blocks.add(new Block.Subheading("To make them again"));
      blocks.add(
          new Block.Paragraph(
              "These options are recorded in config.json. Add those that named columns or divided"
                  + " the data with --split, where there were any. The same seed on the same"
                  + " machine gives the same numbers."));
      Shown shown = Shown.of(data);
      for (ReportRun run : shown.runs()) {
        blocks.add(
            new Block.Html(
                details(summary("Command of " + run.name()), pre(code(RunCommand.of(run))))));
      }
    }
    return Optional.of(new Chapter("provenance", "Provenance", blocks));
  }

  private static DataTable runs(ReportData data) {
    List<List<Cell>> rows = new ArrayList<>();
    for (ReportRun run : data.runs()) {
      Optional<RunConfig> config =
          run.origin() instanceof Origin.Trained(RunConfig trained)
              ? Optional.of(trained)
              : Optional.empty();
      rows.add(
          List.of(
              Cell.text(run.name()),
              Cell.text(run.origin().version()),
              Cell.text(config.map(RunConfig::backend).orElse("Java")),
              Cell.text(config.map(c -> Long.toString(c.training().seed())).orElse(Cell.NOTHING)),
              Cell.text(run.directory().toString())));
    }
    return new DataTable(
        "provenance-runs",
        "Runs",
        List.of("Run", "Codonfuse", "Computed by", "Seed", "Directory"),
        rows);
  }

  /** Data and encoders, each once. */
  private static DataTable files(ReportData data) {
    Map<List<String>, List<Cell>> rows = new LinkedHashMap<>();
    for (ReportRun run : data.runs()) {
      put(rows, "data", run.origin().file(), run.origin().sha256());
      if (run.origin() instanceof Origin.Trained(RunConfig config)) {
        for (RunConfig.Stream stream : config.streams()) {
          String store = stream.embedding().store();
          put(
              rows,
              store.isEmpty()
                  ? stream.molecule().label() + " encoder"
                  : stream.molecule().label() + " store",
              store.isEmpty() ? stream.encoder() : store,
              stream.fingerprint());
        }
      }
    }
    return new DataTable(
        "provenance-files",
        "What went in, with the SHA-256 of its content",
        List.of("What", "Where", "SHA-256"),
        List.copyOf(rows.values()));
  }

  private static void put(
      Map<List<String>, List<Cell>> rows, String what, String where, String hash) {
    rows.putIfAbsent(
        List.of(what, where, hash), List.of(Cell.text(what), Cell.text(where), Cell.text(hash)));
  }
}

package org.codonfuse.report;

import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.codonfuse.report.DataTable.Cell;

/** How the models were made: what all have in common, and what differs. */
final class SettingsSection implements Section {
  @Override
  public Optional<Chapter> of(ReportData data) {
    List<Map<String, String>> settings = data.runs().stream().map(RunSettings::of).toList();
    Set<String> common = new LinkedHashSet<>();
    Set<String> different = new LinkedHashSet<>();
    for (Map<String, String> of : settings) {
      for (String name : of.keySet()) {
        long values = settings.stream().map(all -> all.get(name)).distinct().count();
        (values == 1 ? common : different).add(name);
      }
    }
    List<Block> blocks = new ArrayList<>();
    if (!different.isEmpty()) {
      List<String> columns = new ArrayList<>(List.of("Run"));
      columns.addAll(different);
      List<List<Cell>> rows = new ArrayList<>();
      for (int i = 0; i < settings.size(); i++) {
        Map<String, String> of = settings.get(i);
        List<Cell> row = new ArrayList<>(List.of(Cell.text(data.runs().get(i).name())));
        different.forEach(name -> row.add(Cell.text(of.getOrDefault(name, Cell.NOTHING))));
        rows.add(row);
      }
      blocks.add(
          new Block.Table(
              new DataTable("settings-different", "What differs between the runs", columns, rows)));
    }
    if (!common.isEmpty()) {
      if (settings.size() > 1) {
        blocks.add(new Block.Subheading("In common"));
      }
      blocks.add(
          new Block.Html(
              dl(each(common, name -> div(dt(name), dd(settings.getFirst().get(name)))))
                  .withClass("settings")));
    }
    return Optional.of(new Chapter("settings", "Settings", blocks));
  }
}

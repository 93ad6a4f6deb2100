package org.codonfuse.report;

import static j2html.TagCreator.caption;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.small;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.TdTag;
import j2html.tags.specialized.ThTag;
import java.util.List;
import org.codonfuse.report.DataTable.Cell;

/** Tables as HTML, which scroll by themselves where the page is narrow. */
final class TableHtml {
  private TableHtml() {}

  /** A table that the script makes sortable. */
  static DomContent of(DataTable data) {
    return scrolling(
            data.caption(),
            table(
                    caption(data.caption()),
                    thead(tr(each(data.columns(), (i, name) -> head(name, isNumber(data, i))))),
                    tbody(each(data.rows(), TableHtml::row)))
                .withClass("sortable"))
        .withId(data.id());
  }

  /**
   * Something wide in a region that the keyboard can scroll.
   *
   * @param label says what it is
   */
  static DivTag scrolling(String label, DomContent wide) {
    return div(wide)
        .withClass("scroll")
        .withTabindex(0)
        .attr("role", "region")
        .attr("aria-label", label);
  }

  private static boolean isNumber(DataTable data, int column) {
    return data.rows().stream().anyMatch(row -> row.get(column).isNumber());
  }

  private static ThTag head(String name, boolean number) {
    return th(name).attr("scope", "col").withCondClass(number, "number");
  }

  private static DomContent row(List<Cell> cells) {
    return tr(
        th(cells.getFirst().text()).attr("scope", "row"),
        each(cells.subList(1, cells.size()), TableHtml::cell));
  }

  private static TdTag cell(Cell cell) {
    TdTag td = td(text(cell.text())).withCondClass(cell.isNumber(), "number");
    if (!cell.note().isEmpty()) {
      td.with(text(" "), small(cell.note()));
    }
    cell.number().filter(Double::isFinite).ifPresent(n -> td.withData("order", n.toString()));
    return td;
  }
}

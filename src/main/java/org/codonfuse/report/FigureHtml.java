package org.codonfuse.report;

import static j2html.TagCreator.caption;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.util.List;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.Chart;
import org.codonfuse.report.chart.ChartTable;

/** Charts as HTML: the place for the drawing, what there is to see in words, and its numbers. */
final class FigureHtml {
  /** More would make the page heavy; all of them are among the files of {@code --figures}. */
  private static final int MOST_ROWS = 100;

  private static final int MOST_CELLS = 3000;

  private FigureHtml() {}

  /**
   * A figure.
   *
   * @param number in the report, from 1; the chart is the one of this place in the page's data
   */
  static DomContent of(Chart chart, int number) {
    Caption caption = chart.caption();
    String name = "Figure " + number;
    return figure(
            div()
                .withClass("chart")
                .withData("chart", Integer.toString(number - 1))
                .attr("role", "img")
                .attr("aria-label", caption.title() + ". " + caption.description()),
            figcaption(
                strong(name + ". " + caption.title() + "."),
                text(" "),
                span(caption.description())),
            numbers(ChartTable.of(chart), name))
        .withId(caption.id());
  }

  private static DomContent numbers(ChartTable numbers, String figure) {
    int most = Math.clamp(MOST_CELLS / numbers.columns().size(), 1, MOST_ROWS);
    List<List<String>> shown = numbers.rows().subList(0, Math.min(most, numbers.rows().size()));
    String label = "Numbers of " + figure;
    return details(
        summary(label),
        shown.size() == numbers.rows().size()
            ? null
            : p(
                "The first %s of %s rows; 'codonfuse report --figures DIR' writes all."
                    .formatted(Numbers.count(shown.size()), Numbers.count(numbers.rows().size()))),
        TableHtml.scrolling(
            label,
            table(
                caption(label),
                thead(tr(each(numbers.columns(), name -> th(name).attr("scope", "col")))),
                tbody(each(shown, row -> tr(each(row, cell -> td(shortened(cell)))))))));
  }

  /** Enough digits to read; the file of the figure has them all. */
  private static String shortened(String cell) {
    try {
      double value = Double.parseDouble(cell);
      return Double.isFinite(value) && value != Math.rint(value) ? Numbers.three(value) : cell;
    } catch (NumberFormatException _) {
      return cell;
    }
  }
}

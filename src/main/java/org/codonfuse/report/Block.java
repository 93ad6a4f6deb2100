package org.codonfuse.report;

import j2html.tags.DomContent;
import java.util.List;
import org.codonfuse.report.chart.Chart;

/** A part of a chapter. */
sealed interface Block {
  /** A heading within the chapter. */
  record Subheading(String text) implements Block {}

  /** A paragraph. */
  record Paragraph(String text) implements Block {}

  /** A figure, which gets its number in the page and its files with {@code --figures}. */
  record Plot(Chart chart) implements Block {}

  /** Figures side by side where there is room. */
  record Plots(List<Chart> charts) implements Block {
    public Plots {
      charts = List.copyOf(charts);
    }
  }

  /** A table whose columns can be sorted. */
  record Table(DataTable table) implements Block {}

  /** What the other kinds cannot say; must be usable without sight, mouse and script. */
  record Html(DomContent content) implements Block {}

  /**
   * Blocks of which the reader sees one group at a time, the first to begin with; without script,
   * all.
   *
   * @param id of lower-case letters, digits and hyphens, unique in the report
   * @param label what is chosen, such as {@code Sequence}
   * @param options one or more
   */
  record Choice(String id, String label, List<Option> options) implements Block {
    /** Keeps the order. */
    public Choice {
      options = List.copyOf(options);
    }
  }

  /**
   * What can be chosen.
   *
   * @param name unlike the others of its choice
   * @param blocks what is shown then
   */
  record Option(String name, List<Block> blocks) {
    /** Keeps the order. */
    public Option {
      blocks = List.copyOf(blocks);
    }
  }
}

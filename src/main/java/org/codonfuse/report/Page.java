package org.codonfuse.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.body;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.footer;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.html;
import static j2html.TagCreator.li;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.noscript;
import static j2html.TagCreator.ol;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.section;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;

import j2html.Config;
import j2html.rendering.FlatHtml;
import j2html.tags.DomContent;
import j2html.tags.specialized.HtmlTag;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.codonfuse.report.chart.Chart;
import org.codonfuse.report.chart.ChartJson;

/** Chapters as one HTML file that asks for nothing outside itself. */
final class Page {
  /** Begins the content of the meta element that tells reports from other pages. */
  static final String GENERATOR = "Codonfuse report";

  /** Nothing may be loaded, whatever is in the names and texts of the runs. */
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

  private final List<Chart> charts = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();

  private Page() {}

  /**
   * A whole page.
   *
   * @param name its title
   * @param subtitle a sentence below it
   * @param version of the program
   */
  static String of(String name, String subtitle, String version, List<Chapter> chapters) {
    return new Page().render(name, subtitle, version, chapters);
  }

  private String render(String name, String subtitle, String version, List<Chapter> chapters) {
    List<DomContent> sections = new ArrayList<>();
    chapters.forEach(chapter -> sections.add(chapter(chapter)));
    HtmlTag page =
        html()
            .withLang("en")
            .with(
                head(
                    meta().withCharset("utf-8"),
                    meta().attr("http-equiv", "Content-Security-Policy").withContent(POLICY),
                    meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                    meta().withName("color-scheme").withContent("light dark"),
                    meta().withName("generator").withContent(GENERATOR + " " + version),
                    title(name),
                    style(rawHtml(resource("report.css") + resource("explanation.css")))),
                body(
                    a("Skip to the report").withHref("#report").withClass("skip"),
                    header(h1(name), p(subtitle).withClass("subtitle")),
                    nav(ol(each(chapters, c -> li(a(c.title()).withHref("#" + c.id())))))
                        .attr("aria-label", "Contents"),
                    main(
                            noscript(
                                p("The figures are drawn by a script, which is turned off here;"
                                        + " their numbers are in the tables below them.")
                                    .withClass("notice")),
                            each(sections, s -> s))
                        .withId("report"),
                    footer(
                        p("Written by Codonfuse " + version + ". This file needs no network."),
                        p(
                            "Charts: Apache ECharts, © The Apache Software Foundation, under the"
                                + " Apache License 2.0.")),
                    data(),
                    script(rawHtml(resource("echarts/dist/echarts.min.js"))),
                    script(rawHtml(resource("report.js") + resource("explanation.js")))));
    return "<!DOCTYPE html>\n" + text(page) + "\n";
  }

  /** As XML too, so that a strict parser can check it. */
  private static String text(HtmlTag page) {
    try {
      return page.render(FlatHtml.inMemory(Config.defaults().withEmptyTagsClosed(true))).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DomContent chapter(Chapter chapter) {
    require(chapter.id());
    String heading = chapter.id() + "-heading";
    List<DomContent> blocks = new ArrayList<>();
    chapter.blocks().forEach(block -> blocks.add(block(block)));
    return section(h2(chapter.title()).withId(heading), each(blocks, b -> b))
        .withId(chapter.id())
        .attr("aria-labelledby", heading);
  }

  private DomContent block(Block block) {
    return switch (block) {
      case Block.Subheading(String text) -> h3(text);
      case Block.Paragraph(String text) -> p(text);
      case Block.Table(DataTable table) -> {
        require(table.id());
        yield TableHtml.of(table);
      }
      case Block.Plot(Chart chart) -> figure(chart);
      case Block.Plots(List<Chart> several) -> {
        List<DomContent> figures = several.stream().map(this::figure).toList();
        yield div(each(figures, figure -> figure)).withClass("figures");
      }
      case Block.Html(DomContent content) -> content;
      case Block.Choice choice -> {
        require(choice.id());
        yield ChoiceHtml.of(choice, this::block);
      }
    };
  }

  private DomContent figure(Chart chart) {
    require(chart.caption().id());
    charts.add(chart);
    return FigureHtml.of(chart, charts.size());
  }

  private void require(String id) {
    if (!ids.add(id)) {
      throw new IllegalStateException("Two parts of the report have the id " + id);
    }
  }

  /** JSON in which nothing ends the element. */
  private DomContent data() {
    return script(rawHtml(ChartJson.of(charts).replace("<", "\\u003c")))
        .withType("application/json")
        .withId("charts");
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

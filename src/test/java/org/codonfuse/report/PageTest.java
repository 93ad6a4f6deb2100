package org.codonfuse.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.codonfuse.report.DataTable.Cell;
import org.codonfuse.report.chart.Axis;
import org.codonfuse.report.chart.Caption;
import org.codonfuse.report.chart.ScatterChart;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class PageTest {
  private static final String HOSTILE = "</script><script>alert('\"&amp;')</script><!--";
  private static final Pattern SCRIPT =
      Pattern.compile("<(script|style)([^>]*)>.*?</\\1>", Pattern.DOTALL);

  @Test
  void isWellFormedWithOneMainHeadingAndNamedRegions() throws Exception {
    Document page = parsed(page(3));
    assertEquals(1, page.getElementsByTagName("h1").getLength());
    assertEquals(1, page.getElementsByTagName("main").getLength());
    assertEquals("en", page.getDocumentElement().getAttribute("lang"));
    NodeList regions = page.getElementsByTagName("div");
    int charts = 0;
    for (int i = 0; i < regions.getLength(); i++) {
      Element region = (Element) regions.item(i);
      if (region.hasAttribute("role")) {
        assertFalse(region.getAttribute("aria-label").isBlank());
        charts += region.getAttribute("role").equals("img") ? 1 : 0;
      }
    }
    assertEquals(1, charts);
  }

  @Test
  void textOfRunsStaysText() throws Exception {
    String page = page(3);
    Document parsed = parsed(page);
    assertEquals(HOSTILE, parsed.getElementsByTagName("h1").item(0).getTextContent());
    assertEquals(3, page.split("<script", -1).length - 1, "data, library and script");
    assertEquals(3, page.split("</script", -1).length - 1);
  }

  @Test
  void loadsNothing() throws Exception {
    String page = page(3);
    assertTrue(
        page.contains("default-src 'none'") || page.contains("default-src &#x27;none&#x27;"));
    String written = SCRIPT.matcher(page).replaceAll("");
    assertFalse(written.contains("http:") || written.contains("https:"), written);
    assertFalse(written.contains(" src=") || written.contains("<link"), written);
  }

  @Test
  void manyPointsStaySmall() {
    String page = page(10_000);
    assertTrue(page.length() < 5 << 20, page.length() + " characters");
    assertTrue(page.contains("The first 100 of 10,000 rows"));
  }

  @Test
  void partsHaveIdsOfTheirOwn() {
    Chapter chapter = new Chapter("same", "Title", List.of());
    List<Chapter> twice = List.of(chapter, chapter);
    assertThrows(IllegalStateException.class, () -> Page.of("a", "b", "1", twice));
  }

  private static String page(int points) {
    double[] values = IntStream.range(0, points).mapToDouble(i -> Math.sin(i) * 3).toArray();
    List<String> labels =
        IntStream.range(0, points).mapToObj(i -> HOSTILE.substring(9) + i).toList();
    ScatterChart chart =
        new ScatterChart(
            new Caption("points", HOSTILE, HOSTILE),
            Axis.of(HOSTILE),
            Axis.of("y"),
            List.of(ScatterChart.Points.of(HOSTILE, 0, values, values, labels)),
            Optional.empty(),
            Optional.empty());
    DataTable table =
        new DataTable(
            "table",
            HOSTILE,
            List.of("Run", HOSTILE),
            List.of(List.of(Cell.text(HOSTILE), Cell.number(Double.NaN))));
    return Page.of(
        HOSTILE,
        HOSTILE,
        "1",
        List.of(
            new Chapter(
                "chapter",
                HOSTILE,
                List.of(
                    new Block.Subheading(HOSTILE),
                    new Block.Paragraph(HOSTILE),
                    new Block.Plot(chart),
                    new Block.Table(table)))));
  }

  /** As XML, without what is inside scripts and styles. */
  private static Document parsed(String page)
      throws ParserConfigurationException, IOException, SAXException {
    String markup = SCRIPT.matcher(page).replaceAll("<$1$2></$1>");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(markup.substring("<!DOCTYPE html>".length()))));
  }
}

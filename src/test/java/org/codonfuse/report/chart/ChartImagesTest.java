package org.codonfuse.report.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;

class ChartImagesTest {
  @TempDir Path directory;

  @ParameterizedTest
  @FieldSource("org.codonfuse.report.chart.ChartExamples#ALL")
  void everyKindBecomesAPicture(Chart chart) throws IOException {
    Path file = directory.resolve("chart.png");
    ChartImages.png(chart, file);
    BufferedImage image = ImageIO.read(file.toFile());
    assertTrue(image.getWidth() >= 1000, "enough dots for print");
    long colours =
        IntStream.range(0, image.getWidth() * image.getHeight())
            .map(i -> image.getRGB(i % image.getWidth(), i / image.getWidth()))
            .distinct()
            .count();
    assertTrue(colours > 20, colours + " colours");
    assertEquals(0xffffffff, image.getRGB(0, 0));
  }

  @ParameterizedTest
  @FieldSource("org.codonfuse.report.chart.ChartExamples#ALL")
  void everyKindBecomesVectorsWithText(Chart chart)
      throws IOException, ParserConfigurationException, SAXException {
    Document svg = svg(chart);
    assertEquals("svg", svg.getDocumentElement().getTagName());
    assertTrue(svg.getElementsByTagName("text").getLength() > 3);
    assertEquals(0, svg.getElementsByTagName("image").getLength());
  }

  @Test
  void axesAreNamedInVectors() throws IOException, ParserConfigurationException, SAXException {
    String text = svg(ChartExamples.POINTS).getDocumentElement().getTextContent();
    assertTrue(text.contains("measured"), text);
    assertTrue(text.contains("predicted"), text);
  }

  private Document svg(Chart chart) throws IOException, ParserConfigurationException, SAXException {
    Path file = directory.resolve("chart.svg");
    ChartImages.svg(chart, file);
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    try (var in = Files.newInputStream(file)) {
      return factory.newDocumentBuilder().parse(in);
    }
  }
}

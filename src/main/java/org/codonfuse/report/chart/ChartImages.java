package org.codonfuse.report.chart;

import de.erichseifert.vectorgraphics2d.Document;
import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.text.TextUtils;

/**
 * Charts as pictures for papers: on white, without a title, which the caption of the figure gives.
 */
public final class ChartImages {
  /** Pixels for each unit of length of 1/96 inch: 288 dots per inch. */
  private static final int DENSITY = 3;

  static {
    // Otherwise upright text is outlines in SVG.
    TextUtils.setUseDrawRotatedStringWorkaround(false);
  }

  private ChartImages() {}

  /**
   * Fails where this machine cannot draw text.
   *
   * @throws CodonfuseException if it has no fonts, or not the library that finds them
   */
  public static void requireFonts() {
    try {
      new Font(Font.SANS_SERIF, Font.PLAIN, 12)
          .getLineMetrics("x", new FontRenderContext(null, true, true));
    } catch (RuntimeException | LinkageError | InternalError e) {
      throw new CodonfuseException(
          "Figures cannot be drawn, because Java finds no fonts here; install them (Debian and"
              + " Ubuntu: apt-get install fontconfig fonts-dejavu-core) or leave out --figures.",
          e);
    }
  }

  /**
   * Writes a PNG.
   *
   * @throws CodonfuseException if the file cannot be written
   */
  public static void png(Chart chart, Path file) {
    JFreeChart drawn = ChartDrawing.of(chart);
    Dimension size = ChartDrawing.size(chart);
    BufferedImage image =
        new BufferedImage(size.width * DENSITY, size.height * DENSITY, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setPaint(Color.WHITE);
      graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
      graphics.scale(DENSITY, DENSITY);
      drawn.draw(graphics, new Rectangle2D.Double(0, 0, size.width, size.height));
    } finally {
      graphics.dispose();
    }
    AtomicFiles.write(file, out -> ImageIO.write(image, "png", out));
  }

  /**
   * Writes an SVG, whose text is text.
   *
   * @throws CodonfuseException if the file cannot be written
   */
  public static void svg(Chart chart, Path file) {
    Dimension size = ChartDrawing.size(chart);
    VectorGraphics2D graphics = new VectorGraphics2D();
    ChartDrawing.of(chart).draw(graphics, new Rectangle2D.Double(0, 0, size.width, size.height));
    Document document =
        Processors.get("svg")
            .getDocument(graphics.getCommands(), new PageSize(0, 0, size.width, size.height));
    AtomicFiles.write(file, document::writeTo);
  }
}

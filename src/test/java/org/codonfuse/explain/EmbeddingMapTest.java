package org.codonfuse.explain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.explain.Explanation.MapPoint;
import org.hipparchus.stat.projection.PCA;
import org.junit.jupiter.api.Test;

class EmbeddingMapTest {
  /** Three clouds, apart in some of the features. */
  private static float[][] clouds(int rows, int width) {
    Random random = new Random(3);
    float[][] clouds = new float[rows][width];
    for (int i = 0; i < rows; i++) {
      for (int f = 0; f < width; f++) {
        clouds[i][f] = (float) random.nextGaussian() + (f % 7 == i % 3 ? 4 : 0);
      }
    }
    return clouds;
  }

  private static EmbeddingMap map(float[][] embeddings) {
    return EmbeddingMap.of(
        "rna",
        IntStream.range(0, embeddings.length).mapToObj(i -> "s" + i).toList(),
        Collections.nCopies(embeddings.length, "test"),
        embeddings,
        5);
  }

  private static List<MapPoint> points(EmbeddingMap map, String method) {
    return map.points().stream().filter(point -> point.method().equals(method)).toList();
  }

  @Test
  void principalComponentsAreThoseOfTheFullDecomposition() {
    float[][] rows = clouds(150, 90);
    double[][] wide =
        Arrays.stream(rows)
            .map(row -> IntStream.range(0, row.length).mapToDouble(f -> row[f]).toArray())
            .toArray(double[][]::new);
    PCA reference = new PCA(2);
    double[][] expected = reference.fitAndTransform(wide);
    double all = Arrays.stream(new PCA(90).fit(wide).getVariance()).sum();
    PrincipalComponents found = PrincipalComponents.of(rows, 20);
    for (int c = 0; c < 2; c++) {
      assertEquals(reference.getVariance()[c] / all, found.explained()[c], 1e-8);
      double sign = Math.signum(expected[0][c] * found.scores()[0][c]);
      for (int i = 0; i < rows.length; i++) {
        assertEquals(sign * expected[i][c], found.scores()[i][c], 1e-3);
      }
    }
    assertTrue(Arrays.stream(found.explained()).sum() < 1);
  }

  @Test
  void componentsOfFewRowsExplainAll() {
    PrincipalComponents found = PrincipalComponents.of(clouds(6, 300), 50);
    assertEquals(1, Arrays.stream(found.explained()).sum(), 1e-9);
    assertEquals(6, found.scores()[0].length);
  }

  @Test
  void signsDoNotDependOnTheOrderOfSequences() {
    float[][] rows = clouds(40, 30);
    PrincipalComponents forwards = PrincipalComponents.of(rows, 2);
    Collections.reverse(Arrays.asList(rows));
    PrincipalComponents backwards = PrincipalComponents.of(rows, 2);
    for (int i = 0; i < rows.length; i++) {
      assertArrayEquals(forwards.scores()[i], backwards.scores()[rows.length - 1 - i], 1e-3);
    }
  }

  @Test
  void bothMethodsKeepCloudsApartAndRepeatThemselves() {
    EmbeddingMap map = map(clouds(90, 60));
    assertEquals(map, map(clouds(90, 60)));
    assertEquals(2, map.axes().size());
    for (String method : List.of(EmbeddingMap.PCA, EmbeddingMap.UMAP)) {
      List<MapPoint> points = points(map, method);
      assertEquals(90, points.size());
      int together = 0;
      for (int i = 0; i < points.size(); i++) {
        MapPoint point = points.get(i);
        assertEquals("s" + i, point.id());
        int nearest =
            IntStream.range(0, points.size())
                .filter(j -> points.get(j) != point)
                .boxed()
                .min(
                    (j, k) ->
                        Double.compare(
                            distance(point, points.get(j)), distance(point, points.get(k))))
                .orElseThrow();
        together += nearest % 3 == i % 3 ? 1 : 0;
      }
      assertTrue(together >= 85, method + " keeps together " + together);
    }
  }

  private static double distance(MapPoint a, MapPoint b) {
    return Math.hypot(a.x() - b.x(), a.y() - b.y());
  }

  @Test
  void identicalSequencesHaveAPlaceToo() {
    float[][] same = new float[40][8];
    assertTrue(map(same).points().stream().allMatch(point -> point.x() == 0 && point.y() == 0));
    assertEquals(0, map(same).axes().getFirst().explained());
    float[][] two = clouds(40, 8);
    IntStream.range(0, 40).forEach(i -> two[i] = two[i % 2]);
    EmbeddingMap map = map(two);
    assertEquals(80, map.points().size());
    assertTrue(
        map.points().stream().allMatch(p -> Double.isFinite(p.x()) && Double.isFinite(p.y())));
    assertEquals(1, map.axes().getFirst().explained(), 1e-12);
  }

  @Test
  void fewSequencesHaveNoNeighbourhood() {
    assertEquals(0, points(map(clouds(15, 8)), EmbeddingMap.UMAP).size());
    assertEquals(16, points(map(clouds(16, 8)), EmbeddingMap.UMAP).size());
    EmbeddingMap one = map(clouds(1, 8));
    assertEquals(List.of(new MapPoint(EmbeddingMap.PCA, "rna", "s0", "test", 0, 0)), one.points());
    assertEquals(2, map(clouds(2, 1)).points().size());
  }

  @Test
  void damagedEmbeddingsAreSaid() {
    float[][] rows = clouds(20, 4);
    rows[3][1] = Float.NaN;
    CodonfuseException e = assertThrows(CodonfuseException.class, () -> map(rows));
    assertTrue(e.getMessage().startsWith("The rna embedding of 's3' is not a number"));
  }

  @Test
  void printsNothing() {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      map(clouds(30, 8));
    } finally {
      System.setOut(out);
    }
    assertEquals("", printed.toString(StandardCharsets.UTF_8));
  }
}

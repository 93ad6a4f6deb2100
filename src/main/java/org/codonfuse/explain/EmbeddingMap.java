package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.explain.Explanation.MapAxis;
import org.codonfuse.explain.Explanation.MapPoint;
import tagbio.umap.Umap;

/**
 * Embeddings in two dimensions: their principal components, and where there are enough sequences
 * UMAP (McInnes, Healy and Melville 2018) of the first 50 of them. The same embeddings and seed
 * give the same map.
 *
 * @param points of every method, by method in the order of the sequences
 * @param axes how much of the variance the principal components explain
 */
public record EmbeddingMap(List<MapPoint> points, List<MapAxis> axes) {
  /** The method of principal components. */
  public static final String PCA = "pca";

  /** The method of UMAP. */
  public static final String UMAP = "umap";

  static final int DIMENSIONS = 2;

  private static final int REDUCED = 50;

  /** UMAP's usual number of neighbours; with fewer sequences there is no neighbourhood to show. */
  private static final int NEIGHBOURS = 15;

  /**
   * Maps the embeddings of one modality.
   *
   * @param modality the stream, or {@link PooledEmbeddings#FUSED}
   * @param ids of the sequences
   * @param splits of the sequences
   * @param embeddings [sequence][width], at least one
   * @param seed of UMAP
   * @throws CodonfuseException if an embedding is not finite
   */
  public static EmbeddingMap of(
      String modality, List<String> ids, List<String> splits, float[][] embeddings, long seed) {
    if (embeddings.length != ids.size() || ids.size() != splits.size() || ids.isEmpty()) {
      throw new IllegalArgumentException("Embeddings of another number of sequences");
    }
    requireFinite(modality, ids, embeddings);
    PrincipalComponents components = PrincipalComponents.of(embeddings, REDUCED);
    List<MapAxis> axes = new ArrayList<>();
    for (int c = 0; c < DIMENSIONS; c++) {
      double explained = c < components.explained().length ? components.explained()[c] : 0;
      axes.add(new MapAxis(PCA, modality, c + 1, explained));
    }
    List<MapPoint> points = new ArrayList<>();
    add(points, PCA, modality, ids, splits, components.scores());
    if (ids.size() > NEIGHBOURS && components.explained()[0] > 0) {
      add(points, UMAP, modality, ids, splits, umap(components.scores(), seed));
    }
    return new EmbeddingMap(List.copyOf(points), List.copyOf(axes));
  }

  private static double[][] umap(double[][] scores, long seed) {
    return new Umap()
        .setNumberComponents(DIMENSIONS)
        .setNumberNearestNeighbours(NEIGHBOURS)
        .setSeed(seed)
        // With more threads the neighbours of many sequences come out differently each time.
        .setThreads(1)
        .fitTransform(scores);
  }

  private static void add(
      List<MapPoint> points,
      String method,
      String modality,
      List<String> ids,
      List<String> splits,
      double[][] places) {
    for (int i = 0; i < places.length; i++) {
      double[] place = places[i];
      points.add(
          new MapPoint(
              method,
              modality,
              ids.get(i),
              splits.get(i),
              place[0],
              place.length < DIMENSIONS ? 0 : place[1]));
    }
  }

  private static void requireFinite(String modality, List<String> ids, float[][] embeddings) {
    for (int i = 0; i < embeddings.length; i++) {
      for (float value : embeddings[i]) {
        if (!Float.isFinite(value)) {
          throw new CodonfuseException(
              ("The %s embedding of '%s' is not a number; the weights of its encoder, or the store"
                      + " it was read from, are damaged.")
                  .formatted(modality, ids.get(i)));
        }
      }
    }
  }
}

package org.codonfuse.training;

/**
 * The embeddings of one stream for every example, wherever they lie. May be read by several threads
 * at once.
 */
public interface StreamRows {
  /** Number of rows of an example. */
  int rows(int example);

  /**
   * Copies the rows of an example.
   *
   * @param target receives [rows, width] in row-major order
   * @param offset where in the target the first value goes
   */
  void read(int example, float[] target, int offset);

  /**
   * Rows in memory.
   *
   * @param width of a row
   * @param values for every example its [rows · width] values; not copied
   */
  static StreamRows of(int width, float[][] values) {
    return new StreamRows() {
      @Override
      public int rows(int example) {
        return values[example].length / width;
      }

      @Override
      public void read(int example, float[] target, int offset) {
        System.arraycopy(values[example], 0, target, offset, values[example].length);
      }
    };
  }
}

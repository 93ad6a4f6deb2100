package org.codonfuse.compute;

/**
 * Adds up gradients over the processes of a {@link ProcessGroup}, which is not used for anything
 * else between {@link #arm} and {@link #finish}.
 */
public interface GradientReduction extends AutoCloseable {
  /**
   * What the backward passes until {@link #finish} complete may be sent while they go on: they are
   * the last of a step.
   */
  void arm();

  /**
   * Makes every gradient the sum over all processes. One that had no gradient counts as zero; a
   * parameter that had none anywhere has none.
   *
   * @param sums values that are added up by the way, as {@link ProcessGroup#sum} does
   * @throws CommunicationException if a process has ended or cannot be reached
   */
  void finish(double[] sums);

  @Override
  void close();
}

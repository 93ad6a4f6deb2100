package org.codonfuse.compute;

import java.util.List;

/** A group of one. */
final class SingleProcess implements ProcessGroup, GradientReduction {
  static final SingleProcess GROUP = new SingleProcess();

  private SingleProcess() {}

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public void sum(double[] values) {
    // Nobody adds anything.
  }

  @Override
  public List<byte[]> exchange(byte[] mine) {
    return List.of(mine);
  }

  @Override
  public GradientReduction reduction(List<Tensor> parameters) {
    return this;
  }

  @Override
  public void arm() {
    // Nothing is to be sent.
  }

  @Override
  public void finish(double[] sums) {
    // Nobody adds anything.
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}

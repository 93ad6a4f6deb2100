package org.codonfuse.parameters;

import java.util.List;
import org.codonfuse.compute.Shape;

/**
 * A parameter that a model needs.
 *
 * @param name its name in checkpoints, such as {@code head.conv3.weight}
 * @param shape its shape
 * @param initializer how it starts
 */
public record ParameterSpec(String name, Shape shape, Initializer initializer) {
  /** The same under another name. */
  public ParameterSpec named(String other) {
    return new ParameterSpec(other, shape, initializer);
  }

  /** Weight [out, in] and bias [out] of a linear layer. */
  public static List<ParameterSpec> linear(String name, long in, long out) {
    return List.of(linearWeight(name, in, out), bias(name, in, out));
  }

  /** Weight [out, in] of a linear layer without bias. */
  public static ParameterSpec linearWeight(String name, long in, long out) {
    return new ParameterSpec(name + ".weight", Shape.of(out, in), Initializer.fanIn(in));
  }

  /** Weight [out, in, kernel] and bias [out] of a convolution. */
  public static List<ParameterSpec> conv1d(String name, long in, long out, int kernel) {
    return List.of(
        new ParameterSpec(
            name + ".weight", Shape.of(out, in, kernel), Initializer.fanIn(in * kernel)),
        bias(name, in * kernel, out));
  }

  /** Weight and bias [width] of a layer normalisation. */
  public static List<ParameterSpec> layerNorm(String name, long width) {
    return List.of(
        new ParameterSpec(name + ".weight", Shape.of(width), Initializer.ones()),
        new ParameterSpec(name + ".bias", Shape.of(width), Initializer.zeros()));
  }

  private static ParameterSpec bias(String name, long fanIn, long out) {
    return new ParameterSpec(name + ".bias", Shape.of(out), Initializer.fanIn(fanIn));
  }
}

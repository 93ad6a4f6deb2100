package org.codonfuse.baseline;

import org.codonfuse.compute.Shape;
import org.codonfuse.weights.TensorData;

/**
 * Outputs that are linear in the features.
 *
 * @param weights [output][feature]
 * @param bias [output]
 */
record LinearModel(double[][] weights, double[] bias) {
  /** The outputs of sequences [sequence][feature] as [sequence][output]. */
  double[][] predict(double[][] features) {
    double[][] outputs = new double[features.length][bias.length];
    for (int i = 0; i < features.length; i++) {
      for (int o = 0; o < bias.length; o++) {
        double sum = bias[o];
        for (int f = 0; f < features[i].length; f++) {
          sum += weights[o][f] * features[i][f];
        }
        outputs[i][o] = sum;
      }
    }
    return outputs;
  }

  /** Weights [output, feature] as float32. */
  TensorData weightTensor() {
    int columns = weights[0].length;
    float[] values = new float[weights.length * columns];
    for (int o = 0; o < weights.length; o++) {
      for (int f = 0; f < columns; f++) {
        values[o * columns + f] = (float) weights[o][f];
      }
    }
    return TensorData.of(Shape.of(weights.length, columns), values);
  }

  /** Bias [output] as float32. */
  TensorData biasTensor() {
    float[] values = new float[bias.length];
    for (int o = 0; o < bias.length; o++) {
      values[o] = (float) bias[o];
    }
    return TensorData.of(Shape.of(bias.length), values);
  }
}

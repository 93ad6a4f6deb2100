package org.codonfuse.fusion.head;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;
import org.codonfuse.fusion.Fused;
import org.codonfuse.fusion.Layers;
import org.codonfuse.parameters.ParameterSpec;
import org.codonfuse.parameters.Parameters;

/**
 * TextCNN (Kim 2014) as BioLangFusion uses it: Linear, convolutions of several widths that keep the
 * length, ReLU, maximum over the valid positions, dropout, Linear.
 *
 * @param inputWidth width of the fused embedding
 * @param width width that it is projected to
 * @param kernels widths of the convolutions
 * @param channels channels of each
 * @param dropout probability of dropout before the last layer
 * @param outputs number of outputs
 */
public record TextCnnHead(
    int inputWidth, int width, List<Integer> kernels, int channels, double dropout, int outputs)
    implements Head {
  /** Its name. */
  public static final String NAME = "textcnn";

  /** The kernels of the paper. */
  public static final List<Integer> KERNELS = List.of(3, 4, 5);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs =
        new ArrayList<>(ParameterSpec.linear("head.project", inputWidth, width));
    for (int kernel : kernels) {
      specs.addAll(ParameterSpec.conv1d(convolution(kernel), width, channels, kernel));
    }
    specs.addAll(ParameterSpec.linear("head.output", (long) channels * kernels.size(), outputs));
    return specs;
  }

  @Override
  public Tensor forward(Backend backend, Parameters parameters, Fused fused) {
    Tensor projected = Layers.linear(backend, parameters, "head.project", fused.embedding());
    // Padding must look to the convolutions like the zeros beyond the end of the longest member.
    Tensor x = fused.mask().full() ? projected : backend.maskedFill(projected, fused.mask(), 0);
    List<Tensor> pooled = new ArrayList<>();
    for (int kernel : kernels) {
      Tensor weight = parameters.get(convolution(kernel) + ".weight");
      Tensor bias = parameters.get(convolution(kernel) + ".bias");
      Tensor largest = backend.convMax(x, weight, bias, (kernel - 1) / 2, kernel / 2, fused.mask());
      // ReLU is monotonic, so that it may follow the maximum, where there is less to compute.
      pooled.add(backend.unary(Unary.RELU, largest));
    }
    Tensor features = backend.dropout(backend.concat(pooled, 1), dropout);
    return Layers.linear(backend, parameters, "head.output", features);
  }

  private static String convolution(int kernel) {
    return "head.conv" + kernel;
  }
}

package org.codonfuse.training.run;

import java.util.List;
import org.codonfuse.UsageException;
import org.codonfuse.fusion.head.Head;
import org.codonfuse.fusion.head.MlpHead;
import org.codonfuse.fusion.head.TextCnnHead;

/**
 * A head by name, with its settings.
 *
 * @param name {@code textcnn} or {@code mlp}
 * @param width of its first layer
 * @param kernels of the convolutions; empty for {@code mlp}
 * @param channels of each convolution; 0 for {@code mlp}
 * @param dropout probability of dropout before the last layer
 * @param outputs 1, or the number of classes
 */
public record HeadConfig(
    String name, int width, List<Integer> kernels, int channels, double dropout, int outputs) {
  /**
   * @throws IllegalArgumentException if there is no such head
   */
  public HeadConfig {
    kernels = List.copyOf(kernels);
    boolean convolves = !kernels.isEmpty();
    if (width < 1 || outputs < 1 || !(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "width %d, outputs %d, dropout %s".formatted(width, outputs, dropout));
    }
    if (convolves && (channels < 1 || kernels.stream().anyMatch(kernel -> kernel < 1))) {
      throw new IllegalArgumentException("channels %d, kernels %s".formatted(channels, kernels));
    }
  }

  /** All names that {@code --head} takes. */
  public static final List<String> NAMES = List.of(TextCnnHead.NAME, MlpHead.NAME);

  /**
   * A head of this name.
   *
   * @throws UsageException for an unknown name
   */
  public static HeadConfig of(String name, int width, int channels, double dropout, int outputs) {
    return switch (name) {
      case TextCnnHead.NAME ->
          new HeadConfig(name, width, TextCnnHead.KERNELS, channels, dropout, outputs);
      case MlpHead.NAME -> new HeadConfig(name, width, List.of(), 0, dropout, outputs);
      default ->
          throw new UsageException(
              "Unknown head '" + name + "'; use one of " + String.join(", ", NAMES) + ".");
    };
  }

  /** The same head with another number of outputs. */
  public HeadConfig withOutputs(int number) {
    return new HeadConfig(name, width, kernels, channels, dropout, number);
  }

  /** The head on a fusion of this width. */
  public Head create(int inputWidth) {
    return name.equals(MlpHead.NAME)
        ? new MlpHead(inputWidth, width, dropout, outputs)
        : new TextCnnHead(inputWidth, width, kernels, channels, dropout, outputs);
  }
}

package org.codonfuse.baseline;

import java.nio.file.Path;
import java.util.List;
import org.codonfuse.compute.Precision;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.training.ClassWeights;
import org.codonfuse.training.TrainingSettings;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.HeadConfig;
import org.codonfuse.training.run.StreamInput;
import org.codonfuse.training.run.StreamSources;
import org.codonfuse.training.run.TrainingRun;

/**
 * A TextCNN on the codons themselves, one-hot: its first linear layer is a learned embedding of
 * codons. An ordinary training, whose run predicts like any other. The defaults were chosen on the
 * validation split of CoV-Vac.
 *
 * @param width of the codon embedding
 * @param channels of each convolution
 * @param dropout before the last layer
 * @param training the protocol
 */
public record OneHotBaseline(int width, int channels, double dropout, TrainingSettings training) {
  /** The name that {@code --model} takes. */
  public static final String NAME = StreamSources.ONE_HOT;

  /** Default of the codon embedding. */
  public static final int WIDTH = 128;

  /** Default of each convolution. */
  public static final int CHANNELS = 256;

  /** Default before the last layer. */
  public static final double DROPOUT = 0.5;

  /** Without encoders a model learns faster than the paper's protocol expects. */
  public static final double LEARNING_RATE = 5e-4;

  /** Default of the most epochs. */
  public static final int EPOCHS = 100;

  private static final int BATCH = 32;
  private static final double WEIGHT_DECAY = 1e-5;
  private static final int PATIENCE = 12;

  /** The protocol with some of it chosen. */
  public static TrainingSettings training(int epochs, double learningRate, long seed) {
    return new TrainingSettings(
        epochs,
        BATCH,
        learningRate,
        WEIGHT_DECAY,
        PATIENCE,
        TrainingSettings.PLATEAU_PATIENCE,
        TrainingSettings.PLATEAU_FACTOR,
        seed);
  }

  /** The same with another seed. */
  public OneHotBaseline withSeed(long seed) {
    return new OneHotBaseline(width, channels, dropout, training.withSeed(seed));
  }

  /** The training that this is. */
  public TrainingRun.Settings settings(
      Path data,
      ReadOptions reading,
      DatasetOptions dataset,
      ClassWeights classWeights,
      EmbeddingOptions embedding) {
    return new TrainingRun.Settings(
        data,
        reading,
        dataset,
        List.of(StreamInput.of(Molecule.RNA, Path.of(StreamSources.ONE_HOT))),
        FusionOptions.of(Molecule.RNA.label()),
        HeadConfig.of(TextCnnHead.NAME, width, channels, dropout, 1),
        training,
        classWeights,
        embedding,
        Precision.FLOAT32);
  }
}

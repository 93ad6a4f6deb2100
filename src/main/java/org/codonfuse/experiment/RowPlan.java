package org.codonfuse.experiment;

import java.util.List;
import java.util.Optional;
import org.codonfuse.baseline.OneHotBaseline;
import org.codonfuse.baseline.SequenceFeatures;
import org.codonfuse.compute.Precision;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.TrainingSettings;
import org.codonfuse.training.run.HeadConfig;

/** A model of an experiment: a row of its table. */
public sealed interface RowPlan {
  /** Its name in the table. */
  String name();

  /** The row of published results to show beside it. */
  Optional<String> published();

  /** Whether it fuses several streams. */
  default boolean fuses() {
    return false;
  }

  /** Whether it reads one stream of an encoder, without fusion. */
  default boolean isUnimodal() {
    return false;
  }

  /** Whether its results depend on the seed. */
  default boolean isRandom() {
    return true;
  }

  /**
   * An encoder by what it is called.
   *
   * @param name of its stream
   * @param molecule what it reads
   * @param model directory, store, preset or id on the hub
   */
  record EncoderPlan(String name, Molecule molecule, String model) {}

  /**
   * A head on a fusion, or on one stream.
   *
   * @param name in the table
   * @param fusion the fusion
   * @param lambdas weights of the entropy to choose among on validation; empty for fusions without
   * @param encoders what it reads
   * @param head the head, its outputs aside
   * @param training the protocol, its seed aside
   * @param precision what encoders compute in
   * @param published see {@link #published()}
   */
  record Trained(
      String name,
      FusionOptions fusion,
      List<Double> lambdas,
      List<EncoderPlan> encoders,
      HeadConfig head,
      TrainingSettings training,
      Precision precision,
      Optional<String> published)
      implements RowPlan {
    public Trained {
      lambdas = List.copyOf(lambdas);
      encoders = List.copyOf(encoders);
    }

    @Override
    public boolean fuses() {
      return encoders.size() > 1;
    }

    @Override
    public boolean isUnimodal() {
      return encoders.size() == 1;
    }
  }

  /**
   * Ridge regression without a language model.
   *
   * @param name in the table
   * @param features what it knows of a sequence
   * @param published see {@link #published()}
   */
  record Ridge(String name, SequenceFeatures features, Optional<String> published)
      implements RowPlan {
    @Override
    public boolean isRandom() {
      return false;
    }
  }

  /**
   * A TextCNN on one-hot codons.
   *
   * @param name in the table
   * @param baseline its settings
   * @param published see {@link #published()}
   */
  record OneHot(String name, OneHotBaseline baseline, Optional<String> published)
      implements RowPlan {}
}

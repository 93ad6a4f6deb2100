package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Shape;
import org.codonfuse.embedding.WindowKernel;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.fusion.Upsampling;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.Sha256;

/** The transposed convolution with which a trained run takes windows of DNA apart. */
public final class TrainedKernel {
  private TrainedKernel() {}

  /**
   * Reads it.
   *
   * @throws CodonfuseException if the run cannot be read or has none
   */
  public static WindowKernel read(Path run) {
    RunConfig config = RunConfig.read(run.resolve(RunDirectory.CONFIG));
    List<RunConfig.Stream> streams =
        config.streams().stream().filter(stream -> stream.molecule() == Molecule.DNA).toList();
    if (streams.size() != 1) {
      throw none(run, streams.isEmpty() ? "reads no DNA" : "has several DNA encoders");
    }
    RunConfig.Stream dna = streams.getFirst();
    String name =
        new StreamSpec(dna.name(), dna.molecule(), dna.width(), Granularity.WINDOW).kernel();
    Path model = run.resolve(RunDirectory.MODEL);
    try (SafetensorsFile file = SafetensorsFile.open(model)) {
      if (!file.names().contains(name)) {
        throw none(run, "was trained with --fusion " + config.fusion().name());
      }
      Shape shape = file.info(name).shape();
      if (shape.equals(Shape.of(dna.width(), dna.width(), Upsampling.LIST1.kernel()))) {
        throw none(run, "was trained with --upsample list1, which shifts codons");
      }
      if (!shape.equals(Shape.of(dna.width(), dna.width(), 2))) {
        throw new CodonfuseException(
            ("%s: tensor '%s' has shape %s where two codons are made of a window of %d values; the"
                    + " file belongs to another model or is damaged.")
                .formatted(model, name, shape, dna.width()));
      }
      float[] values = file.floats(name);
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw new CodonfuseException(
              "%s: tensor '%s' holds numbers that are not finite; train the model again."
                  .formatted(model, name));
        }
      }
      return new WindowKernel(
          run, Sha256.of(model), dna.fingerprint(), dna.embedding().layer(), shape, values);
    }
  }

  private static CodonfuseException none(Path run, String why) {
    return new CodonfuseException(
        ("%s: has no transposed convolution that could be used (it %s); give a run of one DNA"
                + " encoder with --fusion concat, mil or cross-attention, or leave out --run.")
            .formatted(run, why));
  }
}

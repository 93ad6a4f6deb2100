package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.embedding.CodonShares;
import org.codonfuse.explain.Explanation.CodonAttribution;
import org.codonfuse.explain.Explanation.Completeness;
import org.codonfuse.explain.Explanation.ModalityShare;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.training.run.Outputs;

/** Attributions of raw outputs as tables: by modality and by codon, in the units of the targets. */
final class AttributionTables {
  private final Outputs outputs;
  private final List<StreamSpec> streams;
  private final GeneticCode code;
  private final List<ModalityShare> shares = new ArrayList<>();
  private final List<Completeness> completeness = new ArrayList<>();
  private final List<CodonAttribution> codons = new ArrayList<>();

  /**
   * @param streams of the examples, in the order of the model
   */
  AttributionTables(Outputs outputs, List<StreamSpec> streams, GeneticCode code) {
    this.outputs = outputs;
    this.streams = streams;
    this.code = code;
  }

  /**
   * Adds the attributions of one output.
   *
   * @param count number of codons that the model reads of the example
   */
  void add(Example example, int count, int output, Attributor.Attribution found) {
    double unit = outputs.unit(output);
    String name = outputs.outputNames().get(output);
    completeness.add(
        new Completeness(
            example.id(),
            name,
            outputs.restored(output, found.prediction()),
            outputs.restored(output, found.baseline()),
            unit * found.sum(),
            found.gap(),
            found.steps()));
    double[] sums = new double[streams.size()];
    double[] sizes = new double[streams.size()];
    double all = 0;
    for (int s = 0; s < sums.length; s++) {
      for (double value : found.values()[s]) {
        sums[s] += value;
        sizes[s] += Math.abs(value);
      }
      all += sizes[s];
    }
    for (int s = 0; s < sums.length; s++) {
      StreamSpec stream = streams.get(s);
      shares.add(
          new ModalityShare(
              example.id(),
              example.split().label(),
              name,
              stream.name(),
              unit * sums[s],
              all == 0 ? Double.NaN : sizes[s] / all));
      double[] byCodon =
          stream.granularity() == Granularity.TOKEN
              ? CodonShares.of(stream.molecule(), code)
                  .divide(example.sequence(), found.values()[s], count)
              : found.values()[s];
      String rna = example.sequence().rna();
      String protein = example.sequence().protein(code);
      for (int c = 0; c < count; c++) {
        codons.add(
            new CodonAttribution(
                example.id(),
                name,
                stream.name(),
                c + 1,
                rna.substring(3 * c, 3 * c + 3),
                protein.substring(c, c + 1),
                unit * byCodon[c]));
      }
    }
  }

  List<ModalityShare> shares() {
    return shares;
  }

  List<Completeness> completeness() {
    return completeness;
  }

  List<CodonAttribution> codons() {
    return codons;
  }
}

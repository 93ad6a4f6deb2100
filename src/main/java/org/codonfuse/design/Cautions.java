package org.codonfuse.design;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.training.run.SavedRun;

/** What to keep in mind about a design, in sentences. */
public final class Cautions {
  private static final Pattern STOP_BEFORE_END = Pattern.compile("\\*(?=[^*])");

  private final ModelOutput output;
  private final int models;
  private final Optional<DoubleSummaryStatistics> trained;

  private Cautions(ModelOutput output, int models, Optional<DoubleSummaryStatistics> trained) {
    this.output = output;
    this.models = models;
    this.trained = trained;
  }

  /** Cautions about designs by these models. */
  public static Cautions of(ModelOutput output, List<SavedRun> runs) {
    // Beyond what any of them has seen.
    Optional<DoubleSummaryStatistics> trained =
        runs.stream()
            .flatMap(run -> output.trained(run).stream())
            .reduce(
                (one, other) -> {
                  one.combine(other);
                  return one;
                });
    return new Cautions(output, runs.size(), trained);
  }

  /**
   * What is particular about a sequence to begin with.
   *
   * @param readable how many codons the models read
   */
  public static List<String> before(CodingSequence sequence, GeneticCode code, int readable) {
    List<String> cautions = new ArrayList<>();
    int ambiguous = 0;
    for (int i = 0; i < sequence.codons(); i++) {
      ambiguous += Codons.index(sequence.rna(), 3 * i) < 0 ? 1 : 0;
    }
    if (ambiguous > 0) {
      cautions.add(
          "%d codon%s with ambiguous nucleotides stay%s as they are."
              .formatted(ambiguous, ambiguous == 1 ? "" : "s", ambiguous == 1 ? "s" : ""));
    }
    if (sequence.length() % 3 != 0) {
      cautions.add(
          "The length is no multiple of 3; what follows the last whole codon stays as it is.");
    }
    long stops = STOP_BEFORE_END.matcher(sequence.protein(code)).results().count();
    if (stops > 0) {
      cautions.add(
          "%d stop codon%s before the end: is this read in frame from its first nucleotide?"
              .formatted(stops, stops == 1 ? "" : "s"));
    }
    if (sequence.codons() > readable) {
      cautions.add(
          ("The models read the first %d of %d codons; those behind are changed only where the"
                  + " constraints need it.")
              .formatted(readable, sequence.codons()));
    }
    return cautions;
  }

  /** What to keep in mind about a result. */
  public List<String> about(Design design) {
    List<String> cautions = new ArrayList<>();
    Prediction before = design.before();
    Prediction after = design.after();
    if (design.changes().isEmpty()) {
      cautions.add("Nothing better was found; the design is the original.");
    } else if (models == 1) {
      cautions.add(
          "One model has no spread: give several runs to see whether models agree about the gain.");
    } else if (after.spreadOfGain(before) >= Math.abs(after.value() - before.value())) {
      cautions.add(
          String.format(
              Locale.ROOT,
              "The gain of %.4g is not larger than its spread of %.4g among the models.",
              Math.abs(after.value() - before.value()),
              after.spreadOfGain(before)));
    }
    if (design.repaired() > 0) {
      cautions.add(
          "The original does not satisfy the constraints; that alone needs %d change%s."
              .formatted(design.repaired(), design.repaired() == 1 ? "" : "s"));
    }
    trained.ifPresent(
        range -> {
          if (after.value() > range.getMax() || after.value() < range.getMin()) {
            boolean above = after.value() > range.getMax();
            cautions.add(
                String.format(
                    Locale.ROOT,
                    "The prediction is %s all targets that the models learned from (%.4g to"
                        + " %.4g): an extrapolation.",
                    above ? "above" : "below",
                    range.getMin(),
                    range.getMax()));
          }
        });
    return cautions;
  }

  /** What the designs are about. */
  public ModelOutput output() {
    return output;
  }
}

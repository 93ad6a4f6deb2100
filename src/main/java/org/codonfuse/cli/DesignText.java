package org.codonfuse.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.codonfuse.design.Design;
import org.codonfuse.design.ModelOutput;
import org.codonfuse.design.Prediction;
import org.codonfuse.sequence.Task;

/** A design in a few lines. */
final class DesignText {
  private DesignText() {}

  static List<String> lines(Design design, ModelOutput output, List<String> cautions) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: %s %s → %s"
            .formatted(
                design.original().id(),
                output.task() == Task.CLASSIFICATION
                    ? "probability of " + output.name()
                    : output.name(),
                number(design.before()),
                number(design.after())));
    lines.add(
        String.format(
            Locale.ROOT,
            "  %d of %d codons changed, GC %.1f %% → %.1f %%, %d sequences predicted for",
            design.changes().size(),
            design.original().codons(),
            100 * design.gcBefore(),
            100 * design.gcAfter(),
            design.evaluations()));
    cautions.forEach(caution -> lines.add("  " + caution));
    return lines;
  }

  private static String number(Prediction prediction) {
    return Double.isNaN(prediction.spread())
        ? String.format(Locale.ROOT, "%.4g", prediction.value())
        : String.format(Locale.ROOT, "%.4g ± %.2g", prediction.value(), prediction.spread());
  }
}

package org.codonfuse.experiment;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.codonfuse.baseline.OneHotBaseline;
import org.codonfuse.experiment.RowPlan.EncoderPlan;
import org.codonfuse.fusion.FusionConfig;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.sequence.Molecule;

/**
 * What others report: tables 1 and 4 of BioLangFusion (arXiv 2506.08936) and codon-level baselines;
 * one number each, Spearman's correlation or for E. coli the accuracy.
 */
final class Published {
  private static final Map<String, Map<String, Double>> RESULTS = read();

  private Published() {}

  private static Map<String, Map<String, Double>> read() {
    Map<String, Map<String, Double>> results = new LinkedHashMap<>();
    try (InputStream in =
            Objects.requireNonNull(Published.class.getResourceAsStream("published.csv"));
        CSVParser parser =
            CSVParser.builder()
                .setReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                .setFormat(CSVFormat.RFC4180.builder().setHeader().get())
                .get()) {
      for (CSVRecord line : parser) {
        Map<String, Double> values = new LinkedHashMap<>();
        parser.getHeaderNames().stream()
            .skip(1)
            .forEach(
                set -> {
                  String cell = line.get(set);
                  values.put(set, cell.isEmpty() ? Double.NaN : Double.parseDouble(cell));
                });
        results.put(line.get(0), values);
      }
    } catch (IOException e) {
      throw new AssertionError("a resource of this program", e);
    }
    return results;
  }

  /** The data sets with results. */
  static List<String> dataSets() {
    return List.copyOf(RESULTS.values().iterator().next().keySet());
  }

  /** The models with results. */
  static List<String> rows() {
    return List.copyOf(RESULTS.keySet());
  }

  /** A result, if there is one. */
  static OptionalDouble of(Optional<String> row, Optional<String> dataSet) {
    if (row.isEmpty() || dataSet.isEmpty()) {
      return OptionalDouble.empty();
    }
    double value = RESULTS.get(row.get()).get(dataSet.get());
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** The row of a baseline that others report too. */
  static Optional<String> rowOf(String baseline) {
    return baseline.equals(OneHotBaseline.NAME)
        ? Optional.of("TextCNN of codons")
        : Optional.empty();
  }

  /** The row of a model that the paper has: a fusion of all three, or one of its encoders. */
  static Optional<String> rowOf(
      FusionOptions fusion, List<Double> lambdas, List<EncoderPlan> encoders) {
    if (!fusion.isMultimodal()) {
      return rowOf(encoders.getFirst());
    }
    if (encoders.size() != Molecule.values().length
        || encoders.stream().map(EncoderPlan::molecule).distinct().count() < encoders.size()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (fusion.name()) {
          case FusionConfig.CONCAT -> "Concatenation";
          case FusionConfig.CROSS_ATTENTION -> "Cross attention";
          case FusionConfig.UNALIGNED -> "Vanilla concatenation";
          default -> {
            if (fusion.tokenLevel()) {
              yield "Token-level attention";
            }
            if (fusion.sharedGate()) {
              yield "MIL, shared gate";
            }
            yield lambdas.equals(List.of(0.0)) ? "MIL, no entropy" : "MIL + entropy";
          }
        });
  }

  private static Optional<String> rowOf(EncoderPlan encoder) {
    String model = encoder.model().replaceFirst("@.*", "");
    return switch (model) {
      case "rna-fm", "rna-fm-original" -> Optional.of("RNA-FM");
      case "esm2-8m" -> Optional.of("ESM-2 8M");
      case "esm2-650m" -> Optional.of("ESM-2 650M");
      case "esm2-3b" -> Optional.of("ESM-2 3B");
      default ->
          model.startsWith("nucleotide-transformer-v2-")
              ? Optional.of("Nucleotide Transformer")
              : Optional.empty();
    };
  }
}

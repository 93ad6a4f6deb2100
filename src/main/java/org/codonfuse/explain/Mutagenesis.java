package org.codonfuse.explain;

import java.util.ArrayList;
import java.util.List;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.explain.Explanation.Mutation;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Split;
import org.codonfuse.training.run.EmbeddingOptions;
import org.codonfuse.training.run.Outputs;
import org.codonfuse.training.run.SavedRun;

/**
 * In-silico mutagenesis: every codon in the place of every other one, and what the model predicts
 * then. Variants are embedded and predicted in batches; a molecule that they share, such as the
 * protein of synonymous ones, is embedded once a batch.
 */
final class Mutagenesis {
  /** Embeddings of variants that are in memory at once. */
  private static final long BYTES_AT_ONCE = 256L << 20;

  private static final int VARIANTS_AT_ONCE = 1024;

  private final SavedRun run;
  private final EmbeddingOptions embedding;
  private final boolean missense;
  private final GeneticCode code;

  /**
   * @param missense whether codons of other amino acids are tried as well
   */
  Mutagenesis(SavedRun run, EmbeddingOptions embedding, boolean missense) {
    this.run = run;
    this.embedding = embedding.inMemory();
    this.missense = missense;
    this.code = GeneticCode.of(run.config().data().geneticCode());
  }

  /** One codon in the place of another. */
  private record Exchange(int position, int codon, int mutant) {
    String in(String rna) {
      return rna.substring(0, 3 * position)
          + Codons.letters(mutant)
          + rna.substring(3 * position + 3);
    }
  }

  /** How many variants a sequence has, as far as the model reads it. */
  int variants(CodingSequence sequence) {
    return exchanges(read(sequence)).size();
  }

  /**
   * All variants of a sequence; codons with ambiguous nucleotides stay as they are.
   *
   * @param dataset that the sequence is of
   */
  List<Mutation> mutate(Dataset dataset, Example example) {
    CodingSequence sequence = read(example.sequence());
    List<Exchange> exchanges = exchanges(sequence);
    if (exchanges.isEmpty()) {
      return List.of();
    }
    // With the original among them, what all share is embedded once.
    List<String> rna = new ArrayList<>(List.of(sequence.rna()));
    exchanges.forEach(exchange -> rna.add(exchange.in(sequence.rna())));
    List<double[]> predicted = new ArrayList<>();
    int atOnce = atOnce(sequence);
    for (int from = 0; from < rna.size(); from += atOnce) {
      List<String> some = rna.subList(from, Math.min(rna.size(), from + atOnce));
      predicted.addAll(List.of(predict(dataset, some)));
    }
    List<Mutation> mutations = new ArrayList<>();
    for (int i = 0; i < exchanges.size(); i++) {
      add(mutations, example.id(), exchanges.get(i), predicted.getFirst(), predicted.get(i + 1));
    }
    return mutations;
  }

  private void add(
      List<Mutation> mutations, String id, Exchange of, double[] original, double[] predicted) {
    Outputs outputs = run.outputs();
    for (int o = 0; o < predicted.length; o++) {
      mutations.add(
          new Mutation(
              id,
              outputs.outputNames().get(o),
              of.position + 1,
              Codons.letters(of.codon),
              "" + code.translate(of.codon),
              Codons.letters(of.mutant),
              "" + code.translate(of.mutant),
              outputs.restored(o, predicted[o]),
              outputs.unit(o) * (predicted[o] - original[o])));
    }
  }

  /** What the model sees of a sequence. */
  private CodingSequence read(CodingSequence sequence) {
    int limit = run.config().data().maxNucleotides();
    return limit == 0 ? sequence : sequence.truncate(limit);
  }

  private List<Exchange> exchanges(CodingSequence sequence) {
    List<Exchange> exchanges = new ArrayList<>();
    for (int position = 0; position < sequence.codons(); position++) {
      int codon = Codons.index(sequence.rna(), 3 * position);
      for (int mutant = 0; codon >= 0 && mutant < Codons.COUNT; mutant++) {
        if (mutant != codon && tries(code.translate(codon), code.translate(mutant))) {
          exchanges.add(new Exchange(position, codon, mutant));
        }
      }
    }
    return exchanges;
  }

  private boolean tries(char aminoAcid, char mutant) {
    return aminoAcid == mutant
        || (missense && aminoAcid != GeneticCode.STOP && mutant != GeneticCode.STOP);
  }

  private double[][] predict(Dataset dataset, List<String> rna) {
    List<Example> variants = new ArrayList<>();
    for (String letters : rna) {
      String id = "variant " + variants.size();
      variants.add(new Example(id, new CodingSequence(id, letters), Double.NaN, Split.TEST, 0));
    }
    return run.predict(dataset.withExamples(variants), embedding, Progress.NONE);
  }

  private int atOnce(CodingSequence sequence) {
    long bytes = 0;
    for (StreamSpec stream : run.model().fusion().streams()) {
      boolean nucleotides =
          stream.granularity() == Granularity.TOKEN && stream.molecule() == Molecule.RNA;
      bytes += (long) Float.BYTES * stream.width() * sequence.codons() * (nucleotides ? 3 : 1);
    }
    return Math.clamp(BYTES_AT_ONCE / Math.max(1, bytes), 1, VARIANTS_AT_ONCE);
  }
}

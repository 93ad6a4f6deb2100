package org.codonfuse.training.run;

import java.util.List;
import org.codonfuse.embedding.EmbeddingInputs;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;

/**
 * Where the embeddings of a stream come from. Owns what its rows are read from; used by one thread,
 * its rows by any.
 */
sealed interface StreamSource extends AutoCloseable
    permits EncoderSource, LiveSource, StoreSource, OneHotSource {
  /** The stream, in the rows that codon alignment starts from. */
  StreamSpec stream();

  /**
   * The longest mRNA that an encoder reads, in nucleotides, if none of it is ambiguous; 0 if there
   * is no encoder.
   */
  default int maxNucleotides() {
    return 0;
  }

  /** The stream as a run's configuration names it. */
  RunConfig.Stream describe();

  /**
   * What is embedded.
   *
   * @param dataset the sequences
   * @param code translates for proteins
   * @param maxNucleotides longer sequences are cut to this; 0 if they are not
   */
  record Request(Dataset dataset, GeneticCode code, int maxNucleotides) {
    /** The sequences as an encoder of a molecule reads them. */
    EmbeddingInputs inputs(Molecule molecule) {
      return EmbeddingInputs.of(
          molecule, dataset.examples().stream().map(Example::sequence).toList(), code);
    }

    /** The same with sequences as an encoder gets them. */
    Request cut() {
      if (maxNucleotides == 0) {
        return this;
      }
      List<Example> examples =
          dataset.examples().stream()
              .map(e -> e.withSequence(e.sequence().truncate(maxNucleotides)))
              .toList();
      return new Request(dataset.withExamples(examples), code, maxNucleotides);
    }
  }

  /**
   * Finds or computes the rows.
   *
   * @param wanted the stream at the granularity that the model takes
   */
  SourceRows rows(StreamSpec wanted, Request request, EmbeddingOptions options, Progress progress);

  @Override
  void close();
}

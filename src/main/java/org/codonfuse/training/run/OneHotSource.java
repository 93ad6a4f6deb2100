package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.codonfuse.UsageException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Precision;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Molecule;

/**
 * A stream without an encoder: a row a codon, 1 in the column of that codon, the last column being
 * for codons with ambiguous nucleotides. Computed where it is read.
 */
final class OneHotSource implements StreamSource {
  /** What is given in the place of a model. */
  static final Path PLACE = Path.of(StreamSources.ONE_HOT);

  private static final int WIDTH = Codons.COUNT + 1;

  /** Changes when the rows do. */
  private static final String FINGERPRINT = "one-hot-1";

  private final String name;

  private OneHotSource(String name) {
    this.name = name;
  }

  /**
   * The stream.
   *
   * @throws UsageException for another molecule than RNA
   */
  static OneHotSource open(String name, Molecule molecule) {
    if (molecule != Molecule.RNA) {
      throw new UsageException("%s are codons of RNA; give it as --rna.".formatted(PLACE));
    }
    return new OneHotSource(name);
  }

  @Override
  public StreamSpec stream() {
    return new StreamSpec(name, Molecule.RNA, WIDTH, Granularity.CODON);
  }

  @Override
  public RunConfig.Stream describe() {
    return new RunConfig.Stream(
        name,
        Molecule.RNA,
        WIDTH,
        PLACE.toString(),
        FINGERPRINT,
        RunConfig.Embedding.of(Precision.FLOAT32));
  }

  @Override
  public SourceRows rows(
      StreamSpec wanted, Request request, EmbeddingOptions options, Progress progress) {
    List<CodingSequence> sequences =
        request.cut().dataset().examples().stream().map(Example::sequence).toList();
    return new Rows(sequences);
  }

  @Override
  public void close() {}

  private record Rows(List<CodingSequence> sequences) implements SourceRows {
    @Override
    public int nucleotides(int example) {
      return sequences.get(example).length();
    }

    @Override
    public Granularity granularity(Granularity wanted) {
      return Granularity.CODON;
    }

    @Override
    public int rows(int example) {
      return sequences.get(example).codons();
    }

    @Override
    public void read(int example, float[] target, int offset) {
      CodingSequence sequence = sequences.get(example);
      int rows = sequence.codons();
      Arrays.fill(target, offset, offset + rows * WIDTH, 0);
      for (int i = 0; i < rows; i++) {
        int codon = Codons.index(sequence.rna(), 3 * i);
        target[offset + i * WIDTH + (codon < 0 ? Codons.COUNT : codon)] = 1;
      }
    }
  }
}

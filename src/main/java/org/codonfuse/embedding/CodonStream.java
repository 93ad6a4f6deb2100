package org.codonfuse.embedding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Segments;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.embedding.store.AlignedStream;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.token.Tokens;

/**
 * A stream of embeddings with a row for every codon: the mean of its nucleotides of RNA, its
 * residue of a protein, of DNA its window, as it is or taken apart by a transposed convolution.
 */
final class CodonStream {
  private final StoredSequences sequences;
  private final Optional<WindowKernel> kernel;
  private final int codonsPerRow;

  /**
   * @param kernel of windows
   */
  CodonStream(StoredSequences sequences, Optional<WindowKernel> kernel) {
    this.sequences = sequences;
    this.kernel = kernel;
    this.codonsPerRow = molecule() == Molecule.DNA ? WindowKernel.CODONS : 1;
    kernel.ifPresent(given -> given.requireFor(sequences.store()));
  }

  StoredSequences sequences() {
    return sequences;
  }

  Molecule molecule() {
    return sequences.store().manifest().molecule();
  }

  int width() {
    return sequences.store().width();
  }

  /** Codons of a sequence that the store has. */
  int codons(int sequence) {
    return Math.min(sequences.sequence(sequence).codons(), sequences.nucleotides(sequence) / 3);
  }

  /** Whether what a store lacks of a sequence is what its encoder did not read. */
  boolean wasTruncated(int sequence) {
    StoreManifest.LongSequences policy = sequences.store().manifest().longSequences();
    if (!policy.policy().equals(LongPolicy.TRUNCATE.label())) {
      return false;
    }
    Letters letters = sequences.letters();
    String read = sequences.sequence(sequence).as(letters.molecule(), letters.code());
    Tokens tokens = letters.tokenizer().tokenize(read);
    return tokens.length() > policy.maxTokens();
  }

  AlignedStream describe() {
    StoreManifest manifest = sequences.store().manifest();
    return new AlignedStream(
        molecule(),
        manifest.model().id(),
        manifest.model().sha256(),
        manifest.layer(),
        width(),
        manifest.precision(),
        manifest.longSequences(),
        molecule() == Molecule.DNA
            ? kernel.map(WindowKernel::sha256).orElse(AlignedStream.WINDOW)
            : null);
  }

  /**
   * The rows of codons.
   *
   * @param weight of the kernel, where there is one
   * @param members the sequences
   * @param codons how many of each, from the first on
   * @return float32 [all codons, width]
   */
  Tensor rows(Backend backend, Optional<Tensor> weight, int[] members, int[] codons) {
    List<IndexEntry> entries = new ArrayList<>(members.length);
    List<Segments> sums = new ArrayList<>(members.length);
    int[] windows = new int[members.length];
    for (int m = 0; m < members.length; m++) {
      Segments own = sequences.segments(members[m]);
      windows[m] = Math.ceilDiv(codons[m], WindowKernel.CODONS);
      entries.add(sequences.entry(members[m]));
      sums.add(
          weight.isPresent()
              ? Spans.first(own, windows[m], 1)
              : Spans.first(own, codons[m], codonsPerRow));
    }
    Tensor rows = Spans.sums(backend, sequences.store(), entries, sums);
    return weight.isPresent() ? takenApart(backend, rows, weight.get(), windows, codons) : rows;
  }

  /** Kernel and stride are the same, so that windows of different sequences do not mix. */
  private static Tensor takenApart(
      Backend backend, Tensor rows, Tensor weight, int[] windows, int[] codons) {
    long count = rows.shape().dim(0);
    Tensor batch = backend.reshape(rows, Shape.of(1, count, rows.shape().dim(1)));
    Tensor pairs = backend.convTranspose1d(batch, weight, WindowKernel.CODONS, 0);
    Tensor all =
        backend.reshape(pairs, Shape.of(WindowKernel.CODONS * count, pairs.shape().dim(2)));
    int wanted = Arrays.stream(codons).sum();
    if (wanted == WindowKernel.CODONS * count) {
      return all;
    }
    long[] ids = new long[wanted];
    int filled = 0;
    long first = 0;
    for (int m = 0; m < codons.length; m++) {
      for (int c = 0; c < codons[m]; c++) {
        ids[filled++] = first + c;
      }
      first += (long) WindowKernel.CODONS * windows[m];
    }
    return backend.embedding(all, backend.tensor(ids, Shape.of(wanted)));
  }

  /** For rows that are not numbers. */
  CodonfuseException damaged(int sequence) {
    return sequences.store().notFinite(sequences.sequence(sequence).id());
  }

  /** Bytes of the stored rows of all sequences. */
  long bytes(int count) {
    return IntStream.range(0, count).mapToLong(i -> sequences.entry(i).rows()).sum()
        * width()
        * sequences.store().type().bytes();
  }
}

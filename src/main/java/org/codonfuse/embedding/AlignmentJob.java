package org.codonfuse.embedding;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Tensor;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.embedding.store.NamedSequence;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.embedding.store.StoreWriter;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.weights.Sha256;

/**
 * Puts the embeddings of several encoders side by side in one store with a row for every codon.
 * Equal sequences are aligned once, part by part, so that a run that ended early is gone on with.
 * The calling thread computes, another one converts and writes.
 */
public final class AlignmentJob {
  /** Count in the manifest: sequences that end before their last codon, because a store does. */
  public static final String CUT_SEQUENCES = "cut_sequences";

  /** Codons that are computed at once, unless a sequence has more. */
  static final int CODONS_AT_ONCE = 2048;

  private final Backend backend;
  private final AlignmentSettings settings;
  private final EmbeddingInputs inputs;
  private final List<EmbeddingInput> unique = new ArrayList<>();
  private final int[] index;
  private final List<CodonStream> streams;
  private final int[] codons;

  private AlignmentJob(Backend backend, AlignmentSettings settings, Dataset dataset) {
    this.backend = backend;
    this.settings = settings;
    this.inputs =
        EmbeddingInputs.of(
            Molecule.RNA,
            dataset.examples().stream().map(Example::sequence).toList(),
            settings.code());
    this.index = new int[inputs.sequences().size()];
    Dataset different = different(dataset);
    this.streams =
        settings.stores().stream().map(store -> stream(settings, store, different)).toList();
    this.codons = IntStream.range(0, unique.size()).map(this::codons).toArray();
  }

  /**
   * Begins a store or goes on with one; returns at once where it is complete.
   *
   * @param all the sequences, also where {@code settings} ask for a share of them
   * @param output the store; of a share see {@link Shards#directory}
   * @throws CodonfuseException if a sequence is not in a store, the stores disagree on it, or the
   *     output cannot be written or is of something else; complete parts stay
   */
  public static AlignmentReport run(
      Backend backend, AlignmentSettings settings, Dataset all, Path output, Progress progress) {
    return run(backend, settings, all, output, progress, EmbeddingPlan.Limits.DEFAULT);
  }

  static AlignmentReport run(
      Backend backend,
      AlignmentSettings settings,
      Dataset all,
      Path output,
      Progress progress,
      EmbeddingPlan.Limits limits) {
    EmbeddingInputs everything =
        EmbeddingInputs.of(
            Molecule.RNA, all.examples().stream().map(Example::sequence).toList(), settings.code());
    Dataset dataset = settings.shard().map(share -> Shards.of(all, everything, share)).orElse(all);
    var input =
        new StoreManifest.Input(EmbeddingJob.digest(everything), everything.sequences().size());
    return new AlignmentJob(backend, settings, dataset).run(input, output, progress, limits);
  }

  private Dataset different(Dataset dataset) {
    List<Example> first = new ArrayList<>();
    Map<String, Integer> distinct = new HashMap<>();
    for (int i = 0; i < index.length; i++) {
      EmbeddingInput input = inputs.sequences().get(i);
      index[i] = distinct.computeIfAbsent(input.letters(), _ -> unique.size());
      if (index[i] == unique.size()) {
        unique.add(input);
        first.add(dataset.examples().get(i));
      }
    }
    return dataset.withExamples(first);
  }

  private static CodonStream stream(
      AlignmentSettings settings, EmbeddingStore store, Dataset dataset) {
    Molecule molecule = store.manifest().molecule();
    Granularity granularity = Granularity.aligned(molecule);
    StoredSequences.requirePooling(store, granularity, "codon alignment");
    return new CodonStream(
        StoredSequences.find(store, granularity, settings.code(), dataset),
        settings.kernel().filter(_ -> molecule == Molecule.DNA));
  }

  /** Codons that all streams have: fewer than the sequence only where an encoder cut it. */
  private int codons(int sequence) {
    int shortest = Integer.MAX_VALUE;
    for (CodonStream stream : streams) {
      int found = stream.codons(sequence);
      if (found < stream.sequences().sequence(sequence).codons()
          && !stream.wasTruncated(sequence)) {
        throw disagree(stream, sequence);
      }
      shortest = Math.min(shortest, found);
    }
    if (shortest == 0) {
      throw new CodonfuseException(
          "Sequence '%s' has no codon in %s; leave it out."
              .formatted(unique.get(sequence).id(), directories()));
    }
    return shortest;
  }

  private CodonfuseException disagree(CodonStream wrong, int sequence) {
    int found = wrong.codons(sequence);
    Optional<CodonStream> other =
        streams.stream().filter(stream -> stream.codons(sequence) != found).findFirst();
    return new CodonfuseException(
        ("Sequence '%s' has %d codons in %s and %d in %s, and was not too long for the encoder;"
                + " embed it again.")
            .formatted(
                unique.get(sequence).id(),
                found,
                wrong.sequences().store().directory(),
                other
                    .map(stream -> stream.codons(sequence))
                    .orElseGet(() -> wrong.sequences().sequence(sequence).codons()),
                other
                    .map(stream -> stream.sequences().store().directory().toString())
                    .orElse("the input")));
  }

  private String directories() {
    return String.join(
        ", ", settings.stores().stream().map(store -> store.directory().toString()).toList());
  }

  private AlignmentReport run(
      StoreManifest.Input input, Path output, Progress progress, EmbeddingPlan.Limits limits) {
    long begin = System.nanoTime();
    StoreManifest manifest =
        StoreManifest.aligned(
            settings.version(),
            streams.stream().map(CodonStream::describe).toList(),
            settings.stored(),
            backend.engine(),
            settings.code().number(),
            CODONS_AT_ONCE,
            settings.shard(),
            input);
    List<String> hashes = unique.stream().map(one -> Sha256.of(one.letters())).toList();
    long rowBytes = (long) manifest.width() * settings.stored().bytes();
    List<int[]> plan =
        EmbeddingPlan.parts(
            order(), sequence -> codons[sequence], sequence -> codons[sequence], rowBytes, limits);
    Path directory = Shards.directory(output, settings.shard());
    long cut = IntStream.of(index).filter(this::isCut).count();
    int[] left = {};
    if (!EmbeddingJob.isComplete(directory, manifest)) {
      List<List<String>> planned =
          plan.stream().map(part -> Arrays.stream(part).mapToObj(hashes::get).toList()).toList();
      try (StoreWriter store = StoreWriter.open(directory, manifest, planned)) {
        BitSet done = store.done();
        left = IntStream.range(0, plan.size()).filter(part -> !done.get(part)).toArray();
        compute(store, plan, left, progress);
        store.finish(names(hashes), Map.of(CUT_SEQUENCES, cut));
      }
    }
    return new AlignmentReport(
        directory,
        index.length,
        unique.size(),
        rows(IntStream.range(0, codons.length).toArray()),
        manifest.width(),
        cut,
        Arrays.stream(left).mapToLong(part -> rows(plan.get(part))).sum(),
        (System.nanoTime() - begin) / 1e9);
  }

  private boolean isCut(int sequence) {
    return codons[sequence] < streams.getFirst().sequences().sequence(sequence).codons();
  }

  private long rows(int[] members) {
    return Arrays.stream(members).mapToLong(sequence -> codons[sequence]).sum();
  }

  /**
   * That in which the largest of the stores has its rows, so that it is read once from end to end.
   */
  private int[] order() {
    CodonStream largest =
        streams.stream()
            .max(Comparator.comparingLong(stream -> stream.bytes(unique.size())))
            .orElseThrow();
    return IntStream.range(0, unique.size())
        .boxed()
        .sorted(
            Comparator.comparing(
                sequence -> largest.sequences().entry(sequence),
                Comparator.comparingInt(IndexEntry::part).thenComparingLong(IndexEntry::row)))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private List<NamedSequence> names(List<String> hashes) {
    return IntStream.range(0, index.length)
        .mapToObj(i -> new NamedSequence(inputs.sequences().get(i).id(), hashes.get(index[i])))
        .toList();
  }

  private void compute(StoreWriter store, List<int[]> plan, int[] parts, Progress progress) {
    if (parts.length == 0) {
      return;
    }
    long total = Arrays.stream(parts).mapToLong(part -> rows(plan.get(part))).sum();
    try (Progress.Task task = progress.start("Aligning codons", total);
        Scope weights = backend.newOwner();
        PartSinks sinks = new PartSinks(store, unique);
        Background background = new Background("codonfuse-writer", Background.writers())) {
      Optional<Tensor> weight = settings.kernel().map(kernel -> weight(kernel, weights));
      for (int number : parts) {
        int[] members = plan.get(number);
        List<Integer> rows = Arrays.stream(members).mapToObj(member -> codons[member]).toList();
        PartSink part = sinks.part(number, rows);
        Background.Line line = background.line();
        for (int from = 0; from < members.length; ) {
          int to = end(members, from);
          line.submit(
              align(Arrays.copyOfRange(members, from, to), weight),
              batch -> {
                requireFinite(batch);
                part.append(batch);
                task.step(rows(batch.members()));
              });
          from = to;
        }
        line.submit(() -> sinks.commit(part));
      }
      background.await();
    }
  }

  private Tensor weight(WindowKernel kernel, Scope owner) {
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      return owner.adopt(backend.tensor(kernel.weight(), kernel.shape()));
    }
  }

  private int end(int[] members, int from) {
    int end = from + 1;
    long rows = codons[members[from]];
    while (end < members.length && rows + codons[members[end]] <= CODONS_AT_ONCE) {
      rows += codons[members[end++]];
    }
    return end;
  }

  private EmbeddedRows align(int[] members, Optional<Tensor> weight) {
    int[] counts = Arrays.stream(members).map(member -> codons[member]).toArray();
    int width = streams.stream().mapToInt(CodonStream::width).sum();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      List<Tensor> columns =
          streams.stream()
              .map(
                  stream ->
                      stream.rows(
                          backend,
                          weight.filter(_ -> stream.molecule() == Molecule.DNA),
                          members,
                          counts))
              .toList();
      Tensor all = columns.size() == 1 ? columns.getFirst() : backend.concat(columns, 1);
      return new EmbeddedRows(members, counts, backend.read(all, settings.stored()), width);
    }
  }

  private void requireFinite(EmbeddedRows batch) {
    if (!batch.values().isFinite()) {
      float[] values = batch.values().source();
      int first = 0;
      while (Float.isFinite(values[first])) {
        first++;
      }
      throw at(first % batch.width()).damaged(batch.members()[batch.memberOf(first)]);
    }
  }

  /** The stream that a column is of. */
  private CodonStream at(int column) {
    int end = 0;
    for (CodonStream stream : streams) {
      end += stream.width();
      if (column < end) {
        return stream;
      }
    }
    throw new IllegalArgumentException("Column " + column);
  }
}

package org.codonfuse.embedding;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.embedding.store.NamedSequence;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.embedding.store.StoreVerification;
import org.codonfuse.embedding.store.StoreWriter;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderConfig;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.weights.Sha256;

/**
 * Embeds sequences into a store: equal ones once, part by part, so that a run that ended early is
 * gone on with. The calling thread has the device compute, others wait for the rows and write them.
 */
public final class EmbeddingJob {
  /** Count in the manifest: sequences longer than the encoder reads at once. */
  public static final String LONG_SEQUENCES = "long_sequences";

  private final Backend backend;
  private final Encoder encoder;
  private final EmbeddingSettings settings;
  private final Embedder embedder;
  private final int width;
  private final EmbeddingPlan.Limits limits;

  private EmbeddingJob(
      Backend backend, Encoder encoder, EmbeddingSettings settings, EmbeddingPlan.Limits limits) {
    this.backend = backend;
    this.encoder = encoder;
    this.settings = settings;
    this.limits = limits;
    this.embedder = new Embedder(backend, encoder, settings);
    this.width = settings.layer().width(encoder.config());
  }

  /**
   * Begins a store or goes on with one; returns at once where it is complete.
   *
   * @param inputs all sequences, also where {@code settings} ask for a share of them
   * @param output the store; of a share see {@link Shards#directory}
   * @throws CodonfuseException if the store cannot be written or is of something else, or a
   *     sequence cannot be embedded; complete parts stay
   */
  public static EmbeddingReport run(
      Backend backend,
      Encoder encoder,
      EmbeddingInputs inputs,
      EmbeddingSettings settings,
      Path output,
      Progress progress) {
    return run(backend, encoder, inputs, settings, output, progress, EmbeddingPlan.Limits.DEFAULT);
  }

  static EmbeddingReport run(
      Backend backend,
      Encoder encoder,
      EmbeddingInputs inputs,
      EmbeddingSettings settings,
      Path output,
      Progress progress,
      EmbeddingPlan.Limits limits) {
    Molecule molecule = encoder.tokenizer().molecule();
    if (inputs.molecule() != molecule) {
      throw new IllegalArgumentException(inputs.molecule() + " letters for " + molecule);
    }
    if (settings.pooling() == Pooling.WINDOW && molecule == Molecule.PROTEIN) {
      throw new UsageException(
          "--pool window divides nucleotides, of which a residue has three; use --pool codon");
    }
    return new EmbeddingJob(backend, encoder, settings, limits).run(inputs, output, progress);
  }

  private EmbeddingReport run(EmbeddingInputs all, Path output, Progress progress) {
    EmbeddingInputs inputs = settings.shard().map(share -> Shards.of(all, share)).orElse(all);
    PreparedInputs prepared = embedder.prepare(inputs.sequences());
    List<String> hashes =
        prepared.unique().stream().map(input -> Sha256.of(input.letters())).toList();
    List<int[]> plan =
        EmbeddingPlan.parts(prepared, (long) width * settings.stored().bytes(), limits);
    List<List<String>> planned =
        plan.stream().map(part -> Arrays.stream(part).mapToObj(hashes::get).toList()).toList();
    Path directory = Shards.directory(output, settings.shard());
    StoreManifest manifest = manifest(all);
    long begin = System.nanoTime();
    int[] left = {};
    if (!isComplete(directory, manifest)) {
      try (StoreWriter store = StoreWriter.open(directory, manifest, planned)) {
        BitSet done = store.done();
        left = IntStream.range(0, plan.size()).filter(part -> !done.get(part)).toArray();
        compute(store, prepared, plan, left, progress);
        store.finish(
            names(inputs, prepared, hashes), Map.of(LONG_SEQUENCES, prepared.longSequences()));
      }
    }
    int[] computed = Arrays.stream(left).mapToObj(plan::get).flatMapToInt(Arrays::stream).toArray();
    return new EmbeddingReport(
        directory,
        inputs.sequences().size(),
        hashes.size(),
        IntStream.range(0, hashes.size()).mapToLong(prepared::rows).sum(),
        prepared.longSequences(),
        computed.length,
        Arrays.stream(computed).mapToLong(prepared::tokens).sum(),
        (System.nanoTime() - begin) / 1e9);
  }

  /** What the manifest of a store says before it is complete. */
  static StoreManifest manifest(
      Backend backend, Encoder encoder, EmbeddingInputs inputs, EmbeddingSettings settings) {
    return new EmbeddingJob(backend, encoder, settings, EmbeddingPlan.Limits.DEFAULT)
        .manifest(inputs);
  }

  /** Whether nothing is to be done, however the store is divided: a merged one is otherwise. */
  static boolean isComplete(Path directory, StoreManifest wanted) {
    return StoreManifest.of(directory)
            .filter(StoreManifest::complete)
            .filter(there -> wanted.differences(there).isEmpty())
            .isPresent()
        && StoreVerification.of(directory, Progress.NONE).isEmpty();
  }

  private static List<NamedSequence> names(
      EmbeddingInputs inputs, PreparedInputs prepared, List<String> hashes) {
    List<NamedSequence> names = new ArrayList<>();
    for (int i = 0; i < inputs.sequences().size(); i++) {
      String hash = hashes.get(prepared.index()[i]);
      names.add(new NamedSequence(inputs.sequences().get(i).id(), hash));
    }
    return names;
  }

  private void compute(
      StoreWriter store,
      PreparedInputs prepared,
      List<int[]> plan,
      int[] parts,
      Progress progress) {
    if (parts.length == 0) {
      return;
    }
    long tokens =
        Arrays.stream(parts)
            .mapToObj(plan::get)
            .flatMapToInt(Arrays::stream)
            .mapToLong(prepared::tokens)
            .sum();
    String name = "Embedding " + encoder.tokenizer().molecule().label() + " tokens";
    try (Progress.Task task = progress.start(name, tokens);
        BatchesAhead ahead = embedder.ahead(prepared);
        PartSinks sinks = new PartSinks(store, prepared.unique());
        Background background = new Background("codonfuse-writer", Background.writers())) {
      Rates rates = new Rates(task);
      for (int p = 0; p < parts.length; p++) {
        int number = parts[p];
        int[] members = plan.get(number);
        List<Integer> rows = Arrays.stream(members).map(prepared::rows).boxed().toList();
        PartSink part = sinks.part(number, rows);
        Background.Line line = background.line();
        embedder.embed(
            prepared,
            ahead,
            members,
            p + 1 < parts.length ? plan.get(parts[p + 1]) : new int[0],
            line,
            batch -> {
              part.append(batch);
              rates.add(
                  batch.members().length,
                  Arrays.stream(batch.members()).mapToLong(prepared::tokens).sum());
            });
        line.submit(() -> sinks.commit(part));
      }
      background.await();
    }
  }

  /** Keeps who watches informed. */
  private static final class Rates {
    private final Progress.Task task;
    private final long begin = System.nanoTime();
    private long sequences;
    private long tokens;

    Rates(Progress.Task task) {
      this.task = task;
    }

    synchronized void add(long moreSequences, long moreTokens) {
      sequences += moreSequences;
      tokens += moreTokens;
      double seconds = (System.nanoTime() - begin) / 1e9;
      task.message(
          String.format(
              Locale.ROOT, "%.1f seq/s, %.0f tokens/s", sequences / seconds, tokens / seconds));
      task.step(moreTokens);
    }
  }

  private StoreManifest manifest(EmbeddingInputs all) {
    EncoderConfig config = encoder.config();
    int room = config.maxTokens() - encoder.tokenizer().added();
    LongPolicy policy = settings.longSequences();
    return StoreManifest.settings(
        settings.origin().version(),
        new StoreManifest.Model(
            settings.origin().model().orElseGet(() -> encoder.directory().toString()),
            settings.origin().revision().orElse(null),
            encoder.fingerprint(),
            encoder.fileHashes()),
        all.molecule(),
        tokenizer(),
        settings.layer().label(config),
        settings.pooling(),
        new StoreManifest.Precisions(encoder.precision().dtype(), settings.stored()),
        backend.engine(),
        all.code().orElseGet(GeneticCode::standard).number(),
        new StoreManifest.LongSequences(
            policy.label(),
            config.maxTokens(),
            policy == LongPolicy.CHUNK ? EncoderInput.overlap(room) : 0),
        width,
        settings.tokensPerBatch(),
        settings.shard(),
        new StoreManifest.Input(digest(all), all.sequences().size()));
  }

  /** Such as {@code kmer}. */
  private String tokenizer() {
    return encoder
        .tokenizer()
        .getClass()
        .getSimpleName()
        .replace("Tokenizer", "")
        .toLowerCase(Locale.ROOT);
  }

  /** Of all letters. */
  static String digest(EmbeddingInputs all) {
    MessageDigest digest = Sha256.newDigest();
    for (EmbeddingInput input : all.sequences()) {
      digest.update((input.letters() + '\n').getBytes(StandardCharsets.UTF_8));
    }
    return Sha256.hex(digest);
  }
}

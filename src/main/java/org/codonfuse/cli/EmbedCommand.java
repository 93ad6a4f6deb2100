package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Work;
import org.codonfuse.embedding.EmbeddingInputs;
import org.codonfuse.embedding.EmbeddingJob;
import org.codonfuse.embedding.EmbeddingReader;
import org.codonfuse.embedding.EmbeddingReport;
import org.codonfuse.embedding.EmbeddingSettings;
import org.codonfuse.embedding.LongPolicy;
import org.codonfuse.embedding.SharedEmbedding;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderLayer;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse embed}: the embeddings of many sequences in a store on disk. */
@Command(
    name = "embed",
    description = {
      "Computes embeddings and keeps them in a store.",
      "Run again, it goes on where it stopped; equal sequences are computed once."
    })
final class EmbedCommand implements Callable<Integer>, Processes.Shared {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private DataOptions dataOptions;
  @Mixin private ShardOption shardOption;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "The encoder: a directory, a preset ('models list') or an id on the hub.")
  private String model;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      required = true,
      description = "Sequences: CSV or FASTA, may be gzipped.")
  private Path input;

  @Option(
      names = "--output",
      paramLabel = "STORE",
      required = true,
      description = "Directory of the store; one with the same settings is gone on with.")
  private Path output;

  @Option(
      names = "--layer",
      paramLabel = "LAYER",
      defaultValue = "last",
      description =
          "last; a number, 0 being the token embeddings, negative from the end; or logits"
              + " (default: ${DEFAULT-VALUE}).")
  private String layer;

  @Option(
      names = "--pool",
      paramLabel = "POOLING",
      defaultValue = "none",
      description = {
        "Rows of a sequence: none, one a token; codon or window of six nucleotides, aligned to the"
            + " mRNA; mean, max or cls, one in all (default: ${DEFAULT-VALUE})."
      })
  private String pool;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "float32",
      description = {
        "float32, bfloat16 or float16 (default: ${DEFAULT-VALUE}).",
        "CPUs compute in float32 for float16, and only store it."
      })
  private String precision;

  @Option(
      names = "--store-as",
      paramLabel = "TYPE",
      description = "Element type of the stored rows (default: that of --precision).")
  private Optional<String> storeAs = Optional.empty();

  @Option(
      names = "--tokens-per-batch",
      paramLabel = "N",
      description = {
        "Tokens to compute at once (default: 2048 on the CPU, 32768 on CUDA).",
        "Halved where memory does not suffice."
      })
  private Optional<Integer> tokensPerBatch = Optional.empty();

  @Option(
      names = "--long",
      paramLabel = "POLICY",
      defaultValue = "truncate",
      description = {
        "Sequences longer than the model reads: error; truncate; or chunk, read in windows that"
            + " overlap by a quarter and averaged there (default: ${DEFAULT-VALUE})."
      })
  private String longSequences;

  @Option(
      names = "--molecule",
      paramLabel = "MOLECULE",
      description = {
        "What the input holds: protein, or dna or rna for coding sequences.",
        "Default: coding sequences; for a protein model told by the letters."
      })
  private Optional<String> molecule = Optional.empty();

  @Option(
      names = "--genetic-code",
      paramLabel = "N",
      defaultValue = "1",
      description = "NCBI's number of the genetic code (default: ${DEFAULT-VALUE}).")
  private int geneticCode;

  @Option(
      names = "--strict",
      description = "Fail on a sequence that the model's vocabulary mostly does not know.")
  private boolean strict;

  @Override
  public String remedy() {
    return "the same command goes on";
  }

  @Override
  public Integer call() {
    Console console = global.console();
    Precision wanted = Precision.of(precision);
    EmbeddingSettings wish = settings(wanted, console);
    Optional<Molecule> given = molecule.map(Molecules::parse);
    GeneticCode code = GeneticCode.of(geneticCode);
    requireOutput();
    ModelResolver.Resolved resolved = new ModelResolver(console).find(model);
    EmbeddingSettings.Origin origin =
        new EmbeddingSettings.Origin(
            VersionProvider.version(), Optional.of(resolved.id()), resolved.commit());
    try (Backend backend = backendOptions.open(global, console, Work.inference(wanted)).backend();
        Encoder encoder =
            Encoder.load(backend, resolved.directory(), wanted.on(backend.device()))) {
      EmbeddingSettings settings =
          wish.withOrigin(origin)
              .withTokensPerBatch(
                  tokensPerBatch.orElse(EmbeddingSettings.tokensPerBatch(backend.device())));
      EmbeddingInputs inputs =
          EmbeddingReader.read(input, dataOptions.read(), encoder, given, code, console::note);
      requireMessengers(settings, inputs);
      EmbeddingReport report = run(backend, encoder, inputs, settings, console.progress());
      print(console, backend, settings, report);
    }
    return 0;
  }

  private EmbeddingReport run(
      Backend backend,
      Encoder encoder,
      EmbeddingInputs inputs,
      EmbeddingSettings settings,
      Progress progress) {
    return global
        .processes()
        .peers()
        .map(
            peers ->
                SharedEmbedding.run(peers, backend, encoder, inputs, settings, output, progress))
        .orElseGet(() -> EmbeddingJob.run(backend, encoder, inputs, settings, output, progress));
  }

  /** The share of the input that all processes of this run do together. */
  private Optional<Shard> share(Console console) {
    Optional<Shard> share = shardOption.share(console);
    if (share.isPresent() && global.cluster().isPresent()) {
      throw new UsageException(
          "--shard "
              + share.get()
              + " is for one process, and there are several, which have their shards; use --shard"
              + " none");
    }
    return share;
  }

  private EmbeddingSettings settings(Precision wanted, Console console) {
    return new EmbeddingSettings(
        EncoderLayer.parse(layer),
        Pooling.of(pool),
        storeAs.map(Precision::of).orElse(wanted).dtype(),
        tokensPerBatch.orElse(EmbeddingSettings.TOKENS_PER_BATCH),
        LongPolicy.of(longSequences),
        strict,
        share(console),
        new EmbeddingSettings.Origin(
            VersionProvider.version(), Optional.of(model), Optional.empty()));
  }

  /** Before anything is loaded. */
  private void requireOutput() {
    if (Files.exists(output) && !Files.isDirectory(output)) {
      throw new UsageException("--output " + output + " is a file; name a directory");
    }
  }

  private void requireMessengers(EmbeddingSettings settings, EmbeddingInputs inputs) {
    boolean aligned = settings.pooling() == Pooling.CODON || settings.pooling() == Pooling.WINDOW;
    boolean proteins = inputs.molecule() == Molecule.PROTEIN && inputs.code().isEmpty();
    if (aligned && proteins) {
      throw new UsageException(
          "--pool "
              + settings.pooling().label()
              + " aligns to coding sequences and "
              + input
              + " has proteins; use --pool none");
    }
  }

  private void print(
      Console console, Backend backend, EmbeddingSettings settings, EmbeddingReport report) {
    if (report.longSequences() > 0) {
      console.note(
          "%d %s longer than the model reads, %s."
              .formatted(
                  report.longSequences(),
                  report.longSequences() == 1 ? "sequence is" : "sequences are",
                  settings.longSequences() == LongPolicy.CHUNK ? "read in chunks" : "truncated"));
    }
    if (json.wanted()) {
      console.json(results(backend, report));
      return;
    }
    console.print(
        "%s: %d sequences (%d different), %d rows"
            .formatted(report.store(), report.sequences(), report.unique(), report.rows()));
    console.print(
        report.computedSequences() == 0
            ? "Everything was there."
            : String.format(
                Locale.ROOT,
                "Computed %d sequences, %d tokens in %.1f s: %.1f sequences/s, %.0f tokens/s, %s",
                report.computedSequences(),
                report.computedTokens(),
                report.seconds(),
                report.sequencesPerSecond(),
                report.tokensPerSecond(),
                backend.description()));
    PeakMemory.print(console, backend);
  }

  private Map<String, Object> results(Backend backend, EmbeddingReport report) {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("store", report.store().toString());
    results.put("model", model);
    results.put("backend", backend.description());
    results.put("sequences", report.sequences());
    results.put("unique", report.unique());
    results.put("rows", report.rows());
    results.put("long_sequences", report.longSequences());
    results.put("computed_sequences", report.computedSequences());
    results.put("computed_tokens", report.computedTokens());
    results.put("seconds", report.seconds());
    results.put("sequences_per_second", report.sequencesPerSecond());
    results.put("tokens_per_second", report.tokensPerSecond());
    PeakMemory.put(results, backend);
    return results;
  }
}

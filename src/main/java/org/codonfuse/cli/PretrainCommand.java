package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.UsageException;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.encoder.EncoderConfig;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.EncoderPreset;
import org.codonfuse.pretraining.EncoderStart;
import org.codonfuse.pretraining.MaskedMetrics;
import org.codonfuse.pretraining.Pretraining;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.SplitPolicy;
import org.codonfuse.training.run.DirectoryKind;
import org.codonfuse.training.run.RunDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse pretrain}: encoders trained to tell masked tokens. */
@Command(
    name = "pretrain",
    defaultValueProvider = PretrainDefaults.class,
    description = {
      "Trains an encoder on sequences alone: to tell tokens that are masked.",
      "Goes on with a --model, so that it knows the sequences of a lab, or begins from nothing with"
          + " a --config. Writes a model directory as encoders are published, which every command"
          + " takes, with history.csv, metrics.json and pretraining.json."
    })
final class PretrainCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private DataOptions dataOptions;
  @Mixin private LoraArguments tuning;
  @Mixin private TrainingArguments trainingArguments;
  @Mixin private RunArguments run;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "The encoder to go on with: a directory, a preset ('models list') or an id on the hub.")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The config.json of an encoder to begin from nothing, or a preset for its shape.")
  private Optional<String> config = Optional.empty();

  @Option(
      names = "--input",
      paramLabel = "FILE",
      required = true,
      description = "Sequences: CSV or FASTA, may be gzipped.")
  private Path input;

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
      description = "NCBI translation table (default: ${DEFAULT-VALUE}).")
  private int geneticCode;

  @Option(
      names = "--split",
      paramLabel = "POLICY",
      defaultValue = "auto",
      description =
          "What is held out: column; random: or cluster:TRAIN,VALIDATION shares; kfold: or"
              + " cluster-kfold:FOLD/FOLDS; or auto: the column if there is one, else"
              + " random:0.9,0.05 (default: ${DEFAULT-VALUE}). Copies of a sequence are together.")
  private String split;

  @Option(
      names = "--lora",
      description = "Train low-rank updates instead of all weights; also writes adapter/.")
  private boolean lora;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "Time of training that is lost at most when it is interrupted (default:"
              + " ${DEFAULT-VALUE}).")
  private int checkpointEvery;

  @Override
  public Integer call() {
    Console console = global.console();
    Ranges.within("--checkpoint-every", checkpointEvery, 0, 86400);
    Pretraining.Settings settings = settings(console);
    if (run.isFinished(console, json, DirectoryKind.ENCODER)) {
      return 0;
    }
    try (RunDirectory directory =
            RunDirectory.create(run.output(), DirectoryKind.ENCODER, run.existing());
        TrainableBackend backend = backendOptions.openTrainable(global, console)) {
      Pretraining.Outcome outcome =
          new Pretraining(
                  backend,
                  settings,
                  console.progress(),
                  Duration.ofSeconds(checkpointEvery),
                  console::note)
              .execute(directory);
      directory.finish();
      report(console, outcome);
    }
    return 0;
  }

  private Pretraining.Settings settings(Console console) {
    return new Pretraining.Settings(
        input,
        dataOptions.read(),
        molecule.map(Molecules::parse),
        GeneticCode.of(geneticCode),
        SplitPolicy.parse(split, global.seed()),
        start(console),
        lora ? tuning.lora() : tuning.full("add --lora, or leave out"),
        tuning.checkpointed(),
        trainingArguments.settings(global.seed()),
        VersionProvider.version());
  }

  private EncoderStart start(Console console) {
    if (model.isPresent() == config.isPresent()) {
      throw new UsageException(
          "Give either a --model to go on with or the --config of one to begin from nothing.");
    }
    if (model.isPresent()) {
      return new EncoderStart.Model(new ModelResolver(console).resolve(model.get()));
    }
    Path file = Path.of(config.get());
    Optional<EncoderPreset> preset = EncoderPreset.find(config.get());
    if (preset.isPresent() && Files.notExists(file)) {
      return new EncoderStart.Fresh(config.get(), preset.get().family(), preset.get().config());
    }
    EncoderConfig read = EncoderConfig.read(file);
    return new EncoderStart.Fresh(config.get(), EncoderFamily.of(read, file), read);
  }

  private void report(Console console, Pretraining.Outcome outcome) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("model", run.output().toString());
      result.put("backend", outcome.config().backend());
      result.put("parameters", outcome.parameters());
      result.put("trained_parameters", outcome.trained());
      result.put("epochs", outcome.history().size());
      result.put("best_epoch", outcome.config().bestEpoch());
      result.putAll(outcome.toMap());
      console.json(result);
      return;
    }
    console.print(
        "%s: encoder of %s parameters, %s values trained, best epoch %d of %d"
            .formatted(
                run.output(),
                grouped(outcome.parameters()),
                grouped(outcome.trained()),
                outcome.config().bestEpoch(),
                outcome.history().size()));
    console.print("");
    console.print(
        "%-12s %10s %8s %11s %9s %19s"
            .formatted(
                "held out", "sequences", "tokens", "perplexity", "accuracy", "unigram perplexity"));
    outcome.metrics().forEach((part, metrics) -> console.print(line(part.label(), metrics)));
  }

  private static String line(String label, MaskedMetrics metrics) {
    return String.format(
        Locale.ROOT,
        "%-12s %10d %8d %11.5g %9.4f %19.5g",
        label,
        metrics.sequences(),
        metrics.tokens(),
        metrics.perplexity(),
        metrics.accuracy(),
        metrics.unigramPerplexity());
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}

package org.codonfuse.pretraining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.encoder.FreshEncoder;
import org.codonfuse.encoder.PublishedEncoder;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.encoder.Tuning;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Json;
import org.codonfuse.io.Progress;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.SplitPolicy;
import org.codonfuse.training.Epoch;
import org.codonfuse.training.Trainer;
import org.codonfuse.training.TrainingCheckpoint;
import org.codonfuse.training.TrainingObserver;
import org.codonfuse.training.TrainingSettings;
import org.codonfuse.training.run.MemoryEstimate;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.RunHistory;
import org.codonfuse.training.run.TrainingPlan;
import org.codonfuse.weights.StoredType;

/** From a file of sequences to a directory with an encoder that was trained on them. */
public final class Pretraining {
  /** The metric in {@code history.csv}. */
  private static final String METRIC = "accuracy";

  /** Where the weights that are begun with lie until the training ends. */
  private static final String START = "start";

  private final TrainableBackend backend;
  private final Settings settings;
  private final Progress progress;
  private final Duration checkpoints;
  private final Consumer<String> notes;

  /**
   * @param backend computes
   * @param settings what is trained on what
   * @param progress is told of the work
   * @param checkpoints time between two checkpoints
   * @param notes takes sentences about what was found
   */
  public Pretraining(
      TrainableBackend backend,
      Settings settings,
      Progress progress,
      Duration checkpoints,
      Consumer<String> notes) {
    this.backend = backend;
    this.settings = settings;
    this.progress = progress;
    this.checkpoints = checkpoints;
    this.notes = notes;
  }

  /**
   * What is trained on what.
   *
   * @param input file of sequences
   * @param reading where in the file they are
   * @param molecule what the file holds; empty: told by the letters
   * @param code translates mRNAs for an encoder of proteins
   * @param split what is held out
   * @param start what the encoder is before
   * @param tuning what of it is trained
   * @param checkpointed see {@link TrainableEncoder.Settings}
   * @param training the protocol
   * @param version of the program
   */
  public record Settings(
      Path input,
      ReadOptions reading,
      Optional<Molecule> molecule,
      GeneticCode code,
      SplitPolicy split,
      EncoderStart start,
      Tuning tuning,
      boolean checkpointed,
      TrainingSettings training,
      String version) {
    /**
     * @throws UsageException if what is trained cannot be
     */
    public Settings {
      if (start instanceof EncoderStart.Fresh && tuning instanceof Tuning.Lora) {
        throw new UsageException(
            "--lora changes an encoder that has learned something; leave it out with --config, or"
                + " give a --model.");
      }
      if (start instanceof EncoderStart.Fresh && tuning.frozenLayers() > 0) {
        throw new UsageException(
            "--freeze-layers keeps what was learned; leave it out with --config, or give a"
                + " --model.");
      }
    }
  }

  /**
   * A finished training.
   *
   * @param config its {@code pretraining.json}
   * @param history all epochs
   * @param metrics of what was held out, by split
   * @param parameters number of the encoder's parameters, without its head
   * @param trained number of values that were trained: of encoder and head, or of updates
   */
  public record Outcome(
      PretrainingConfig config,
      List<Epoch> history,
      SequencedMap<Split, MaskedMetrics> metrics,
      long parameters,
      long trained) {
    /** The content of {@code metrics.json}. */
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      metrics.forEach((split, of) -> map.put(split.label(), of.toMap()));
      return map;
    }
  }

  /**
   * Trains and writes the encoder, going on with an earlier process's work if there is any.
   *
   * @param output receives the files; the caller finishes it
   * @throws CodonfuseException if something cannot be read, or there is nothing to learn from
   */
  public Outcome execute(RunDirectory output) {
    Base base = base(output.checkpoint().resolve(START));
    try (TrainableEncoder encoder =
        TrainableEncoder.load(
            backend,
            base.directory,
            new TrainableEncoder.Settings(settings.tuning(), true, "", settings.checkpointed()))) {
      return train(output, base, encoder);
    }
  }

  /** The weights that are begun with. */
  private record Base(Path directory, boolean fresh, boolean freshHead) {}

  private Base base(Path start) {
    long seed = settings.training().seed();
    return switch (settings.start()) {
      case EncoderStart.Fresh fresh -> {
        // Before its weights are made, which alone may be too much.
        long values = FreshEncoder.parameters(fresh.config());
        MemoryEstimate.Other parameters = (_, _) -> MemoryEstimate.ofValues(values, 0, 0);
        parameters
            .of(1, false)
            .requireWithin(backend.freeMemory(), 1, false, "a smaller --config", parameters);
        removed(start);
        FreshEncoder.write(start, fresh.family(), fresh.config(), seed);
        yield new Base(start, true, true);
      }
      case EncoderStart.Model(Path directory) -> {
        try (PublishedEncoder published = PublishedEncoder.open(directory)) {
          if (published.hasHead()) {
            yield new Base(directory, false, false);
          }
          if (settings.tuning() instanceof Tuning.Lora) {
            throw new UsageException(
                directory
                    + ": has no head that scores tokens (lm_head), which --lora would leave as it"
                    + " is; leave out --lora.");
          }
          notes.accept(
              directory + ": has no head that scores tokens (lm_head); a new one is trained");
          removed(start);
          Map<String, float[]> head = FreshEncoder.head(published.config(), seed);
          try (PublishedEncoder whole = PublishedEncoder.open(directory, head)) {
            whole.write(start, Optional.empty());
          }
          yield new Base(start, false, true);
        }
      }
    };
  }

  private static void removed(Path start) {
    try {
      if (Files.exists(start)) {
        AtomicFiles.deleteTree(start);
      }
      Files.createDirectories(start);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(start, e);
    }
  }

  private Outcome train(RunDirectory output, Base base, TrainableEncoder encoder) {
    Masking masking = new Masking(encoder.tokenizer());
    Corpus corpus = Corpus.read(settings, encoder, masking, notes);
    requireMemory(encoder, corpus.of(Split.TRAIN));
    TrainingSettings protocol = settings.training();
    PretrainingConfig planned =
        new PretrainingConfig(
            PretrainingConfig.FORMAT,
            settings.version(),
            backend.description(),
            settings.start().name(),
            encoder.baseFingerprint(),
            base.fresh,
            base.freshHead,
            corpus.data(),
            PretrainingConfig.Rule.USED,
            PretrainingConfig.How.of(settings.tuning()),
            protocol,
            0);
    TrainingCheckpoint checkpoint =
        new TrainingCheckpoint(
            output.checkpoint(), planned.identity(corpus.splitsHash()), checkpoints);
    MaskedLearner learner =
        new MaskedLearner(
            backend,
            encoder,
            masking,
            corpus.of(Split.TRAIN),
            corpus.of(Split.VALIDATION),
            protocol.sequencesAtOnce(),
            protocol.seed());
    Trainer<MaskedLearner.Part> trainer = new Trainer<>(backend, learner, protocol);
    try (Parameters parameters =
            Parameters.initialiseTrainable(backend, encoder.parameters(), protocol.seed());
        Progress.Task task = progress.start("Pretraining", trainer.steps())) {
      Trainer.Result result =
          trainer.train(
              parameters,
              TrainingObserver.showing(
                  task,
                  epoch ->
                      "validation perplexity %.4f, accuracy %.4f"
                          .formatted(Math.exp(epoch.validationLoss()), epoch.validationMetric())),
              Optional.of(checkpoint));
      SequencedMap<Split, MaskedMetrics> metrics = new LinkedHashMap<>();
      for (Split split : List.of(Split.VALIDATION, Split.TEST)) {
        if (corpus.of(split).size() > 0) {
          metrics.put(split, learner.measure(parameters, corpus.of(split)));
        }
      }
      PretrainingConfig config = planned.withBestEpoch(result.best().number());
      long size = write(output.files(), base, encoder, parameters);
      Outcome outcome = new Outcome(config, result.history(), metrics, size, parameters.count());
      AtomicFiles.writeString(output.file(RunDirectory.PRETRAINING), config.toJson());
      AtomicFiles.writeString(
          output.file(RunDirectory.METRICS), Json.pretty(outcome.toMap()) + "\n");
      RunHistory.write(output.file(RunDirectory.HISTORY), METRIC, outcome.history());
      return outcome;
    }
  }

  /** Writes the encoder; the number of its parameters. */
  private long write(Path target, Base base, TrainableEncoder encoder, Parameters parameters) {
    switch (settings.tuning()) {
      case Tuning.Full _ -> encoder.write(target, parameters);
      case Tuning.Lora _ -> {
        Path adapter = target.resolve(RunDirectory.ADAPTER);
        encoder.write(adapter, parameters);
        try (PublishedEncoder merged =
            PublishedEncoder.open(base.directory, Optional.of(LoraAdapter.read(adapter)))) {
          merged.write(target, Optional.of(StoredType.F32));
        }
      }
    }
    try (PublishedEncoder written = PublishedEncoder.open(target)) {
      return written.parameters();
    }
  }

  /**
   * What a step will take, said and made sure of.
   *
   * @throws CodonfuseException if the memory does not suffice
   */
  private void requireMemory(TrainableEncoder encoder, Sequences training) {
    long values = encoder.parameters().stream().mapToLong(spec -> spec.shape().size()).sum();
    int vocabulary = encoder.config().vocabularySize();
    MemoryEstimate.Other estimates =
        (atOnce, again) -> {
          long tokens = training.mostTokens(atOnce);
          // Scores, their logarithms and gradients.
          long chosen = (long) (Masking.CHOSEN * tokens);
          long scores = 3 * chosen * vocabulary * Float.BYTES;
          return MemoryEstimate.ofValues(values, encoder.activationBytes(tokens, again), scores);
        };
    int atOnce = settings.training().sequencesAtOnce();
    MemoryEstimate estimate = estimates.of(atOnce, settings.checkpointed());
    long free = backend.freeMemory();
    notes.accept(
        String.format(
            Locale.ROOT,
            "%,d values are trained; memory: about %s beside the weights, %s are free",
            values,
            TrainingPlan.size(estimate.total()),
            TrainingPlan.size(free)));
    estimate.requireWithin(
        free,
        atOnce,
        settings.checkpointed(),
        "a smaller encoder, --lora or --freeze-layers",
        estimates);
  }
}

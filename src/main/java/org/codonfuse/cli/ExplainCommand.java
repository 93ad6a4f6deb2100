package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.NoBackendException;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.compute.Work;
import org.codonfuse.explain.AttributionMethod;
import org.codonfuse.explain.Baseline;
import org.codonfuse.explain.ExplainSettings;
import org.codonfuse.explain.Explainer;
import org.codonfuse.explain.Explanation;
import org.codonfuse.explain.ExplanationDirectory;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.training.run.Ensemble;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.RunRows;
import org.codonfuse.training.run.SavedRun;
import org.codonfuse.training.run.StreamInput;
import org.codonfuse.weights.Sha256;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code codonfuse explain}: which modality and which codons a model's predictions come from. */
@Command(
    name = "explain",
    description = {
      "Says what each modality and each codon contributes to a model's predictions, and what every"
          + " synonymous codon would change.",
      "Writes explanation.json and tables in CSV into RUN/explanation, where 'codonfuse report'"
          + " finds them. Numbers are in units of the target, or of a class's logit; above 0 they"
          + " raise the prediction. docs/explanations.md has every column.",
      "Attributions need gradients, so LibTorch; all else runs on every backend."
    })
final class ExplainCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private DataOptions dataOptions;
  @Mixin private EncoderOptions encoders;

  @Parameters(
      paramLabel = "RUN",
      arity = "1..*",
      description =
          "Directory that 'codonfuse train' or 'finetune' wrote; several are explained one by"
              + " one.")
  private List<Path> runs;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "Sequences, with or without targets: CSV or FASTA, may be gzipped (default: those that"
              + " the run was trained on, in their splits).")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--sequence",
      paramLabel = "ID",
      description =
          "Attribute and exchange the codons of this sequence; may be repeated (default: of a"
              + " sample of the test sequences, or if there are none of others).")
  private List<String> sequences = List.of();

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "Test sequences whose codons are attributed, drawn by --seed (default:"
              + " ${DEFAULT-VALUE}).")
  private int sample;

  @Option(
      names = "--mutate",
      paramLabel = "N",
      description =
          "Sequences whose codons are exchanged for their synonyms (default: 20 of the sample, or"
              + " all that --sequence names).")
  private Optional<Integer> mutate = Optional.empty();

  @Option(
      names = "--missense",
      description = "Try codons of other amino acids as well, about twenty times as many.")
  private boolean missense;

  @Option(
      names = "--attribution",
      paramLabel = "METHOD",
      description =
          "integrated-gradients, gradient-input (quick, not exact) or none (default:"
              + " integrated-gradients where there is LibTorch).")
  private Optional<String> attribution = Optional.empty();

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "" + ExplainSettings.STEPS,
      description =
          "Points of integrated gradients, to which more are added where these are too few"
              + " (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--baseline",
      paramLabel = "NAME",
      defaultValue = "mean",
      description =
          "What attributions are relative to, and what takes the place of a modality to see what it"
              + " is worth: mean (an average embedding) or zero (default: ${DEFAULT-VALUE}).")
  private String baseline;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Where the explanation of a single run goes (default: RUN/explanation); an earlier one is"
              + " replaced.")
  private Optional<Path> output = Optional.empty();

  @Override
  public Integer call() {
    Console console = global.console();
    ExplainSettings settings = settings();
    requireUsable();
    Map<Path, Explanation> explained = new LinkedHashMap<>();
    try (Backend backend = open(console, settings)) {
      ExplainSettings possible =
          backend instanceof TrainableBackend
              ? settings
              : settings.withMethod(AttributionMethod.NONE);
      List<StreamInput> moved = encoders.inputs(console);
      for (Path run : runs) {
        try (SavedRun saved = SavedRun.open(backend, run, moved)) {
          Explanation explanation = explain(console, saved, possible);
          Path place = place(run);
          ExplanationDirectory.replace(place, explanation);
          explained.put(place, explanation);
          if (!json.wanted()) {
            ExplanationText.lines(run, saved.config().task(), explanation).forEach(console::print);
            console.print("Tables: " + place);
          }
        }
      }
    }
    if (json.wanted()) {
      console.json(ExplanationText.toMap(explained));
    }
    return 0;
  }

  private ExplainSettings settings() {
    Ranges.atLeast("--sample", sample, 0);
    mutate.ifPresent(n -> Ranges.atLeast("--mutate", n, 0));
    Ranges.within("--steps", steps, 1, 1000);
    AttributionMethod method =
        attribution
            .map(
                name ->
                    AttributionMethod.find(name)
                        .orElseThrow(
                            () ->
                                new UsageException(
                                    "--attribution '%s' is not known; give %s, %s or %s."
                                        .formatted(
                                            name,
                                            AttributionMethod.INTEGRATED_GRADIENTS.label(),
                                            AttributionMethod.GRADIENT_INPUT.label(),
                                            AttributionMethod.NONE.label()))))
            .orElse(AttributionMethod.INTEGRATED_GRADIENTS);
    Baseline relative =
        Baseline.find(baseline)
            .orElseThrow(
                () ->
                    new UsageException(
                        "--baseline '%s' is not known; give %s or %s."
                            .formatted(baseline, Baseline.MEAN.label(), Baseline.ZERO.label())));
    List<String> ids = List.copyOf(new LinkedHashSet<>(sequences));
    return new ExplainSettings(
        method,
        steps,
        relative,
        ids,
        sample,
        mutate.orElse(ids.isEmpty() ? 20 : ids.size()),
        missense,
        global.seed());
  }

  private void requireUsable() {
    if (output.isPresent() && runs.size() > 1) {
      throw new UsageException(
          "--output is for one run; leave it out, and each explanation goes into its run.");
    }
    Set<Path> named = new HashSet<>();
    for (Path run : runs) {
      if (!named.add(run.toAbsolutePath().normalize())) {
        throw new UsageException("%s: is named twice; name every run once.".formatted(run));
      }
      ExplanationDirectory.requireReplaceable(place(run));
    }
  }

  private Path place(Path run) {
    return output.orElseGet(() -> run.resolve(ExplanationDirectory.NAME));
  }

  /** With gradients, unless there are none and nobody insists. */
  private Backend open(Console console, ExplainSettings settings) {
    Work results = Ensemble.work(runs);
    if (settings.method() == AttributionMethod.NONE) {
      return backendOptions.open(global, console, results).backend();
    }
    try {
      return backendOptions.open(global, console, new Work(true, results.precision())).backend();
    } catch (NoBackendException e) {
      if (attribution.isPresent()) {
        throw e;
      }
      Backend backend = backendOptions.open(global, console, results).backend();
      console.note("Attributions are left out, which need gradients (%s).".formatted(e.reasons()));
      return backend;
    }
  }

  private Explanation explain(Console console, SavedRun run, ExplainSettings settings) {
    Path file = data.orElseGet(() -> Path.of(run.config().data().file()));
    if (data.isEmpty() && Files.notExists(file)) {
      throw new CodonfuseException(
          "%s: the data that %s was trained on are not there; say with --data where they are."
              .formatted(file, run.directory()));
    }
    String sha256 = Sha256.of(file);
    ExplainSettings possible = settings;
    if (settings.mutated() > 0 && !exchangesCodons(console, run)) {
      possible = settings.withoutMutations();
    }
    return new Explainer(run, possible, encoders.embedding(), console.progress())
        .explain(load(console, run, file, sha256), sha256);
  }

  /** Whether codons can be exchanged and make a difference; an error if that was asked for. */
  private boolean exchangesCodons(Console console, SavedRun run) {
    if (mutate.isPresent() || missense) {
      run.requireEncoders();
    }
    if (run.readsStores()) {
      console.note(
          ("%s reads embeddings from a store, which has none of other sequences than its own: no"
                  + " codons are exchanged.")
              .formatted(run.directory()));
      return false;
    }
    if (!missense && !run.readsNucleotides()) {
      console.note(
          ("%s reads the protein alone, which synonymous codons do not change: none are exchanged"
                  + " (--missense tries those of other amino acids).")
              .formatted(run.directory()));
      return false;
    }
    return true;
  }

  private Dataset load(Console console, SavedRun run, Path file, String sha256) {
    if (sha256.equals(run.config().data().sha256())) {
      Dataset all = Dataset.loadUnlabelled(file, dataOptions.read(), run.datasetOptions());
      return RunRows.read(run.directory(), run.outputs())
          .orElseThrow(() -> rowsMissing(run))
          .label(all);
    }
    if (data.isEmpty()) {
      throw new CodonfuseException(
          ("%s: has changed since %s was trained on it; give --data %s to explain the predictions"
                  + " for what is in it now.")
              .formatted(file, run.directory(), file));
    }
    Dataset dataset =
        Dataset.hasTargets(file, dataOptions.read())
            ? Dataset.load(file, run.reading(dataOptions.read()), run.datasetOptions())
            : Dataset.loadUnlabelled(file, dataOptions.read(), run.datasetOptions());
    dataset.diagnostics().toTable().lines().forEach(console::note);
    return dataset;
  }

  /** Without them, rows that were learned from would be called those of a test. */
  private static CodonfuseException rowsMissing(SavedRun run) {
    return new CodonfuseException(
        ("%s: is not there, which says what the model learned from; restore the file or train"
                + " again.")
            .formatted(run.directory().resolve(RunDirectory.PREDICTIONS)));
  }
}

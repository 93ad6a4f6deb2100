package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.codonfuse.UsageException;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import org.codonfuse.experiment.Cell;
import org.codonfuse.experiment.Experiment;
import org.codonfuse.experiment.ExperimentDirectory;
import org.codonfuse.experiment.ExperimentPlan;
import org.codonfuse.experiment.PlanReader;
import org.codonfuse.experiment.ResultTables;
import org.codonfuse.experiment.Results;
import org.codonfuse.experiment.ResultsFile;
import org.codonfuse.experiment.RowPlan.EncoderPlan;
import org.codonfuse.experiment.TrainingCells;
import org.codonfuse.io.Progress;
import org.codonfuse.report.ReportData;
import org.codonfuse.training.run.StreamSources;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code codonfuse experiment}: a table of models by data sets from one file. */
@Command(
    name = "experiment",
    description = {
      "Trains every model of a file on every data set with every seed and compares them.",
      "What is done is skipped: the same command goes on after any interruption. Writes the runs,"
          + " results.csv with a line per training, table.md with means, intervals and whether"
          + " fusion helps, and report.html to look at."
    })
final class ExperimentCommand implements Callable<Integer> {
  /** As many processes as a machine may have. */
  private static final int MOST_JOBS = 256;

  @Spec private CommandSpec spec;
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private EncoderOptions encoders;

  @Parameters(paramLabel = "FILE", description = "The experiment, in YAML.")
  private Path file;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Where runs and tables go; the same directory again to go on.")
  private Path output;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = {
        "Where a data set of the experiment lies, if it has that file name; otherwise the data in"
            + " the place of the experiment's. May be repeated."
      })
  private List<Path> data = List.of();

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Trainings at a time, which share the threads (default: ${DEFAULT-VALUE}).")
  private int jobs;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description = {
        "Do only this share of the trainings, into the same directory as the others.",
        "Default: that of the SLURM array task, if this is one; none for all."
      })
  private Optional<String> shard = Optional.empty();

  @Option(names = "--table", description = "Train nothing; make the tables of what is done.")
  private boolean table;

  @Option(
      names = "--overwrite",
      description = "Remove the results of another experiment in that directory.")
  private boolean overwrite;

  @Option(names = ExperimentWorkers.OPTION, hidden = true)
  private boolean worker;

  @Override
  public Integer call() {
    Console console = global.console();
    Ranges.atLeast("--jobs", jobs, 1);
    if (jobs > MOST_JOBS) {
      throw new UsageException("--jobs " + jobs + " is too large; use at most " + MOST_JOBS + ".");
    }
    if (spec.commandLine().getParseResult().hasMatchedOption("--seed")) {
      throw new UsageException(
          "The seeds of an experiment are listed in its file; leave out --seed.");
    }
    ExperimentPlan plan =
        PlanReader.read(
            file,
            new PlanReader.Overrides(
                data.stream().map(path -> path.toAbsolutePath().normalize()).toList(),
                encoders.given().stream()
                    .map(given -> new EncoderPlan(given.name(), given.molecule(), given.model()))
                    .toList()),
            ExperimentCommand::requireModel);
    Optional<Shard> share = table ? Optional.empty() : ShardOption.share(shard, console);
    ExperimentDirectory directory = ExperimentDirectory.open(output, plan, overwrite);
    List<Cell> cells = Cell.of(plan);
    List<Cell> ours = share.map(part -> Cell.share(cells, part)).orElse(cells);
    boolean failed = !table && !train(console, plan, directory, ours);
    if (worker) {
      return failed ? 1 : 0;
    }
    report(console, plan, directory, cells, share.isPresent());
    return failed ? 1 : 0;
  }

  static void requireModel(String name) {
    if (ModelReference.parse(name) instanceof ModelReference.Local(Path place)
        && !name.equals(StreamSources.ONE_HOT)
        && !Files.isDirectory(place)) {
      throw new UsageException(
          name + ": there is no such directory; give a model's, a preset or an id on the hub.");
    }
  }

  /** Whether every cell is done, or is being done elsewhere. */
  private boolean train(
      Console console, ExperimentPlan plan, ExperimentDirectory directory, List<Cell> cells) {
    List<Cell> missing = cells.stream().filter(cell -> !directory.isDone(cell)).toList();
    if (missing.isEmpty()) {
      return true;
    }
    CellNotes notes = new CellNotes(console, directory, missing.size(), jobs);
    notes.begin(cells.size());
    Experiment.Outcome outcome;
    try (Interruption _ =
        new Interruption(console, "Interrupted; the same command goes on with what is missing.")) {
      outcome = outcome(console, plan, directory, cells, missing, notes);
    }
    return notes.end(outcome);
  }

  private Experiment.Outcome outcome(
      Console console,
      ExperimentPlan plan,
      ExperimentDirectory directory,
      List<Cell> cells,
      List<Cell> missing,
      CellNotes notes) {
    try (TrainableBackend backend = backendOptions.openTrainable(global, console)) {
      TrainingCells training =
          new TrainingCells(
              plan,
              backend,
              models(console),
              encoders.embedding(),
              worker ? Progress.NONE : console.progress());
      if (!worker) {
        training.embed(missing);
      }
      if (jobs == 1) {
        Experiment experiment = new Experiment(directory, training);
        return worker
            ? ExperimentWorkers.work(experiment, cells, spec.commandLine().getOut())
            : experiment.run(cells, notes);
      }
    }
    return new ExperimentWorkers(
            spec.root().commandLine().getParseResult().originalArgs(),
            jobs,
            Math.max(1, global.threads() / jobs),
            console)
        .run(missing, notes);
  }

  /** The directories of models, each looked for once. */
  private static Function<String, Path> models(Console console) {
    ModelResolver resolver = new ModelResolver(console);
    Map<String, Path> found = new HashMap<>();
    return name -> found.computeIfAbsent(name, resolver::resolve);
  }

  private void report(
      Console console,
      ExperimentPlan plan,
      ExperimentDirectory directory,
      List<Cell> cells,
      boolean isShare) {
    long missing = cells.stream().filter(cell -> !directory.isDone(cell)).count();
    if (missing > 0) {
      console.note(
          "%d of %d trainings are not done; %s"
              .formatted(
                  missing,
                  cells.size(),
                  isShare
                      ? "when all shards are, --table makes the tables."
                      : table
                          ? "the same command without --table goes on with them."
                          : "the same command goes on with them."));
      if (isShare) {
        return;
      }
    }
    Results results = Results.read(plan, directory);
    ResultsFile.write(output.resolve(ExperimentDirectory.RESULTS), results, output);
    ResultTables tables = new ResultTables(results);
    tables.write(output.resolve(ExperimentDirectory.TABLE));
    if (json.wanted()) {
      console.json(ResultsJson.of(results, missing));
    } else {
      tables.text().forEach(console::print);
    }
    console.note("Tables: " + output.resolve(ExperimentDirectory.TABLE));
    if (!results.cells().isEmpty()) {
      EndReport.of(output.resolve(ExperimentDirectory.REPORT), () -> ReportData.of(results))
          .write(console);
    }
  }
}

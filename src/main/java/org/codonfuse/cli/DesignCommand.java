package org.codonfuse.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Spelling;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.design.Cautions;
import org.codonfuse.design.Constraint;
import org.codonfuse.design.Constraints;
import org.codonfuse.design.Design;
import org.codonfuse.design.DesignFiles;
import org.codonfuse.design.DesignSettings;
import org.codonfuse.design.Designer;
import org.codonfuse.design.ModelObjective;
import org.codonfuse.design.ModelOutput;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.training.run.Ensemble;
import org.codonfuse.training.run.RunConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse design}: better sequences for the same protein. */
@Command(
    name = "design",
    description = {
      "Searches the sequences for the same protein for one that trained models predict more, or"
          + " less, for. Only synonymous codons are exchanged.",
      "Writes designs.fasta, changes.csv (what each change is predicted to do alone, and what is"
          + " predicted with it and all before it) and designs.json into --output.",
      "A model knows what it was trained on: a prediction beyond that is a guess, and what several"
          + " models agree about is worth more than what one says."
    })
final class DesignCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private TrainedModelOptions model;
  @Mixin private ConstraintOptions constraintOptions;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "CSV or FASTA that --sequence is in, may be gzipped (default: what the first run was"
              + " trained on).")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--sequence",
      paramLabel = "ID",
      description = "Identifier of the sequence to begin with; may be repeated.")
  private List<String> ids = List.of();

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "In the place of --data: design for every sequence of this CSV or FASTA.")
  private Optional<Path> input = Optional.empty();

  /** What becomes of the prediction. */
  enum Direction {
    MAX,
    MIN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--objective",
      paramLabel = "max|min",
      required = true,
      description = "Whether the prediction is to be high or low.")
  private Direction direction;

  @Option(
      names = "--target",
      paramLabel = "NAME",
      description = "Which of several targets; of a classifier the class whose probability counts.")
  private Optional<String> target = Optional.empty();

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Directory for the files.")
  private Path output;

  @Option(names = "--overwrite", description = "Replace designs that are in --output.")
  private boolean overwrite;

  @Option(
      names = "--beam",
      paramLabel = "N",
      defaultValue = "8",
      description = "Sequences kept from round to round (default: ${DEFAULT-VALUE}).")
  private int beam;

  @Option(
      names = "--candidates",
      paramLabel = "N",
      defaultValue = "32",
      description = "Sequences predicted for in a round (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "20",
      description =
          "Rounds after all single changes were looked at; fewer where nothing improves any more"
              + " (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--min-gain",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "Take back changes that contribute no more than this to the prediction (default:"
              + " ${DEFAULT-VALUE}).")
  private double minGain;

  @Override
  public Integer call() {
    Console console = global.console();
    DesignSettings settings = settings();
    Constraints constraints = constraintOptions.constraints();
    requireFree();
    int[] failed = {0};
    model.use(
        global,
        console,
        (backend, ensemble) -> {
          ModelObjective.requireVariants(ensemble);
          Work work = new Work(console, backend, ensemble, settings, constraints, load(ensemble));
          failed[0] = work.run();
        });
    return failed[0] > 0 ? 1 : 0;
  }

  private DesignSettings settings() {
    Ranges.size("--beam", beam);
    Ranges.size("--candidates", candidates);
    Ranges.atLeast("--rounds", rounds, 0);
    Ranges.within("--min-gain", minGain, 0, Double.MAX_VALUE);
    return new DesignSettings(direction == Direction.MAX, beam, candidates, rounds, minGain);
  }

  private void requireFree() {
    if (Files.exists(output) && !Files.isDirectory(output)) {
      throw new UsageException(output + ": is not a directory; choose another --output.");
    }
    AtomicFiles.obstacle(output.resolve(DesignFiles.SUMMARY))
        .ifPresent(
            obstacle -> {
              throw new UsageException(
                  "%s: cannot be written into %s; choose another --output."
                      .formatted(output, obstacle));
            });
    if (!overwrite && Files.exists(output.resolve(DesignFiles.SUMMARY))) {
      throw new UsageException(
          output
              + ": has designs already; choose another --output, or replace them with"
              + " --overwrite.");
    }
  }

  private Dataset load(Ensemble ensemble) {
    if (data.isPresent() && input.isPresent()) {
      throw new UsageException("--data and --input exclude each other; give one of them.");
    }
    if (input.isEmpty() && ids.isEmpty()) {
      throw new UsageException(
          "nothing says which sequence to begin with; name it with --sequence, or give a file with"
              + " --input.");
    }
    RunConfig first = ensemble.members().getFirst().config();
    Path trained = Path.of(first.data().file());
    if (input.or(() -> data).isEmpty() && Files.notExists(trained)) {
      throw new UsageException(
          "%s: is not there, which the run was trained on; give the file of the sequence with"
                  .formatted(trained)
              + " --data.");
    }
    // Whole sequences: what models do not read of them is part of the design.
    DatasetOptions whole =
        DatasetOptions.evaluation(first.task(), first.classes()).withCode(code(ensemble));
    Dataset dataset =
        Dataset.loadUnlabelled(input.or(() -> data).orElse(trained), model.reading(), whole);
    return ids.isEmpty() ? dataset : dataset.withExamples(chosen(dataset));
  }

  private static GeneticCode code(Ensemble ensemble) {
    List<Integer> codes =
        ensemble.members().stream()
            .map(run -> run.config().data().geneticCode())
            .distinct()
            .toList();
    if (codes.size() > 1) {
      throw new UsageException(
          "the runs translate with different genetic codes (%s); give runs with one."
              .formatted(codes.stream().map(String::valueOf).collect(Collectors.joining(", "))));
    }
    return GeneticCode.of(codes.getFirst());
  }

  private List<Example> chosen(Dataset dataset) {
    Map<String, Example> known = new LinkedHashMap<>();
    dataset.examples().forEach(example -> known.put(example.id(), example));
    List<Example> chosen = new ArrayList<>();
    for (String id : new LinkedHashSet<>(ids)) {
      Example example = known.get(id);
      if (example == null) {
        throw new CodonfuseException(
            "%s: has no sequence '%s'%s; name one of its identifiers (the first is '%s')."
                .formatted(
                    dataset.source(),
                    id,
                    Spelling.nearest(id, known.keySet())
                        .map(near -> " (did you mean " + near + "?)")
                        .orElse(""),
                    dataset.examples().getFirst().id()));
      }
      chosen.add(example);
    }
    return chosen;
  }

  /** The designs for all sequences by models that are open. */
  private final class Work {
    private final Console console;
    private final Backend backend;
    private final Ensemble ensemble;
    private final Constraints constraints;
    private final Dataset dataset;
    private final Designer designer;
    private final GeneticCode code;
    private final Cautions cautions;
    private final int readable;
    private final List<Design> designs = new ArrayList<>();
    private final List<Map<String, Object>> summaries = new ArrayList<>();

    Work(
        Console console,
        Backend backend,
        Ensemble ensemble,
        DesignSettings settings,
        Constraints constraints,
        Dataset dataset) {
      this.console = console;
      this.backend = backend;
      this.ensemble = ensemble;
      this.constraints = constraints;
      this.dataset = dataset;
      this.code = code(ensemble);
      this.designer = new Designer(code, constraints, constraintOptions.stops(), settings);
      this.cautions = Cautions.of(ModelOutput.choose(ensemble, target), ensemble.members());
      this.readable = ModelObjective.readable(ensemble);
    }

    /** Designs and writes after each; returns how many sequences had no design. */
    int run() {
      int failed = 0;
      for (Example example : dataset.examples()) {
        try {
          design(example);
        } catch (CodonfuseException e) {
          if (dataset.examples().size() == 1) {
            throw e;
          }
          failed++;
          console.failure("codonfuse: " + e.getMessage());
        }
      }
      if (json.wanted()) {
        console.json(summary());
      } else if (!designs.isEmpty()) {
        console.print("Sequences, changes and summary are in %s.".formatted(output));
      }
      return failed;
    }

    private void design(Example example) {
      Design design;
      try (Progress.Task task = console.progress().start("Designing " + example.id(), 0)) {
        design =
            designer.design(
                example.sequence(),
                readable,
                ModelObjective.of(ensemble, dataset, model.embedding(), cautions.output(), task));
      }
      List<String> said = new ArrayList<>(Cautions.before(example.sequence(), code, readable));
      said.addAll(cautions.about(design));
      designs.add(design);
      summaries.add(DesignFiles.summary(design, said));
      DesignFiles.write(output, designs, dataset.diagnostics().thymine() > 0, summary());
      if (!json.wanted()) {
        DesignText.lines(design, cautions.output(), said).forEach(console::print);
      }
    }

    private Map<String, Object> summary() {
      Map<String, Object> result = new LinkedHashMap<>();
      model.addTo(result);
      result.put("data", dataset.source().toString());
      result.put("backend", backend.description());
      result.put("objective", direction.toString());
      result.put("target", cautions.output().name());
      result.put("constraints", constraints.all().stream().map(Constraint::label).toList());
      result.put("output", output.toString());
      result.put("designs", summaries);
      return result;
    }
  }
}

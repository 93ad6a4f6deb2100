package org.codonfuse.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.compute.CommunicationException;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.TrainableBackend;
import org.codonfuse.training.run.RunDirectory;
import org.codonfuse.training.run.TrainingPlan;
import org.codonfuse.training.run.TrainingRun;

/** Trains, whatever is trained, writes the run and says what came out. */
final class TrainingJob {
  private final Console console;
  private final JsonOption json;
  private final ModelArguments arguments;
  private final Processes processes;

  TrainingJob(Console console, JsonOption json, ModelArguments arguments, Processes processes) {
    this.processes = processes;
    this.console = console;
    this.json = json;
    this.arguments = arguments;
  }

  /**
   * Trains.
   *
   * @param backend opens what computes
   * @return the exit code
   */
  int run(TrainingRun.Settings settings, Supplier<TrainableBackend> backend) {
    RunArguments run = arguments.run();
    EndReport report = EndReport.ofRun(run.output());
    if (run.isFinished(console, json)) {
      report.writeMissing(console);
      return 0;
    }
    try (StopSignals stop = new StopSignals(console);
        TrainableBackend computes = backend.get();
        ProcessGroup group = processes.peers().map(computes::join).orElseGet(ProcessGroup::alone)) {
      TrainingRun training =
          new TrainingRun(
              computes, settings, console.progress(), arguments.checkpoints(), group, stop);
      if (group.leads()) {
        lead(training, computes, stop);
      } else {
        training.assist(run.output(), _ -> stop.trainingBegins());
      }
    } catch (CommunicationException e) {
      throw processes.cluster().map(cluster -> cluster.blame(e)).orElse(e);
    }
    if (!processes.isSilent()) {
      report.write(console);
    }
    return 0;
  }

  private void lead(TrainingRun training, TrainableBackend backend, StopSignals stop) {
    RunArguments run = arguments.run();
    try (RunDirectory directory = RunDirectory.create(run.output(), run.existing())) {
      TrainingRun.Outcome outcome =
          training.execute(
              directory,
              diagnostics -> diagnostics.toTable().lines().forEach(console::note),
              plan -> {
                say(plan);
                stop.trainingBegins();
              });
      directory.finish();
      report(outcome, backend);
    }
  }

  private void say(TrainingPlan plan) {
    if (plan.size().encoders().isEmpty()) {
      return;
    }
    console.note(
        "Will train %s; %s stay as they are."
            .formatted(
                Stream.concat(
                        Stream.of(number(plan.size().model()) + " parameters of fusion and head"),
                        plan.size().encoders().entrySet().stream()
                            .map(of -> number(of.getValue()) + " of " + of.getKey()))
                    .collect(Collectors.joining(", ")),
                number(plan.size().frozen())));
    console.note(
        "Memory: about %s beside the weights; %s are free."
            .formatted(
                TrainingPlan.size(plan.neededMemory()), TrainingPlan.size(plan.freeMemory())));
  }

  private static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  private void report(TrainingRun.Outcome outcome, TrainableBackend backend) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("run", arguments.run().output().toString());
      result.put("backend", outcome.config().backend());
      result.put("parameters", outcome.parameters());
      result.put("epochs", outcome.history().size());
      result.put("best_epoch", outcome.config().bestEpoch());
      PeakMemory.put(result, backend);
      result.putAll(outcome.toMap());
      console.json(result);
      return;
    }
    console.print(
        "%s: %s, %s parameters, best epoch %d of %d"
            .formatted(
                arguments.run().output(),
                outcome.config().fusion().name(),
                number(outcome.parameters()),
                outcome.config().bestEpoch(),
                outcome.history().size()));
    outcome
        .metrics()
        .forEach(
            (part, report) -> {
              console.print("");
              MetricsTable.lines(part.label(), report).forEach(console::print);
            });
    PeakMemory.print(console, backend);
  }
}

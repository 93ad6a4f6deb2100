package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.codonfuse.sequence.DatasetDescription;
import org.codonfuse.sequence.Leakage;
import org.codonfuse.sequence.Split;
import org.codonfuse.sequence.Spread;
import org.codonfuse.sequence.TargetDescription;

/** A {@link DatasetDescription} as people read it. */
final class DescriptionText {
  private static final int BAR = 40;

  private final Path file;
  private final DatasetDescription description;
  private final List<String> lines = new ArrayList<>();

  DescriptionText(Path file, DatasetDescription description) {
    this.file = file;
    this.description = description;
  }

  List<String> lines() {
    List<String> targets = description.dataset().targets();
    add(
        "%s: %d sequences, %s"
            .formatted(
                file,
                description.dataset().examples().size(),
                targets.isEmpty()
                    ? "no targets"
                    : description.dataset().task().label() + " of " + String.join(", ", targets)));
    add("");
    spreads();
    description.targets().forEach(this::histogram);
    classes();
    add("");
    description.dataset().diagnostics().toTable().lines().forEach(lines::add);
    add("");
    nearDuplicates();
    description.leakage().forEach(this::leakage);
    if (!description.advice().isEmpty()) {
      add("");
      lines.addAll(description.advice());
    }
    return Collections.unmodifiableList(lines);
  }

  private void add(String line) {
    lines.add(line.stripTrailing());
  }

  private void spreads() {
    add(
        "%-14s%10s%10s%10s%10s%10s%10s"
            .formatted("", "min", "25 %", "median", "75 %", "max", "mean"));
    spread("nucleotides", description.nucleotides(), "%.0f");
    spread("codons", description.codons(), "%.0f");
    spread("GC", description.gc(), "%.3f");
    description.targets().forEach(target -> spread(target.name(), target.values(), "%.4g"));
  }

  private void spread(String name, Spread spread, String format) {
    add(
        "%-14s%10s%10s%10s%10s%10s%10s"
            .formatted(
                name,
                number(format, spread.least()),
                number(format, spread.lower()),
                number(format, spread.median()),
                number(format, spread.upper()),
                number(format, spread.most()),
                number(format.equals("%.0f") ? "%.1f" : format, spread.mean())));
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private void histogram(TargetDescription target) {
    add("");
    add(target.name());
    int most = Collections.max(target.bins());
    for (int i = 0; i < target.bins().size(); i++) {
      String from = number("%.4g", target.edges().get(i));
      String to = number("%.4g", target.edges().get(i + 1));
      bar(from.equals(to) ? from : from + " to " + to, target.bins().get(i), most, "");
    }
    if (target.missing() > 0) {
      bar("missing", target.missing(), most, "");
    }
  }

  private void classes() {
    Map<String, Map<Split, Integer>> classes = description.classes();
    if (classes.isEmpty()) {
      return;
    }
    add("");
    add(String.join(", ", description.dataset().targets()));
    int most = classes.values().stream().mapToInt(DescriptionText::sum).max().orElseThrow();
    classes.forEach(
        (name, counts) ->
            bar(
                name,
                sum(counts),
                most,
                counts.size() == 1
                    ? ""
                    : counts.entrySet().stream()
                        .map(of -> of.getKey().label() + " " + of.getValue())
                        .collect(Collectors.joining(", "))));
  }

  private static int sum(Map<Split, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  private void bar(String name, int count, int most, String detail) {
    int length = (int) Math.ceil((double) BAR * count / most);
    add(
        ("  %-24s%8d  %-" + BAR + "s  %s")
            .formatted(name, count, "#".repeat(Math.min(length, BAR)), detail));
  }

  private void nearDuplicates() {
    add(
        ("near-duplicates (at least %s of all 10-mers of two are in both):%n%d sequences have one,"
                + " in groups of at most %d; %d groups in all")
            .formatted(
                description.similarity(),
                description.grouped(),
                description.largest(),
                description.groups()));
    if (!description.divided()) {
      add("not divided into splits: give --split to see what is alike across them");
    }
  }

  private void leakage(Leakage leakage) {
    add(
        "%s: %d of %d sequences have one in training%s%s"
            .formatted(
                leakage.split().label(),
                leakage.similar(),
                leakage.sequences(),
                leakage.identical() == 0
                    ? ""
                    : ", " + leakage.identical() + " of them the same sequence",
                leakage.similar() == 0
                    ? ""
                    : number("; median similarity %.2f, the most similar:", leakage.median())));
    leakage
        .worst()
        .forEach(
            pair ->
                add(
                    "  %s  %s and %s"
                        .formatted(number("%.3f", pair.similarity()), pair.id(), pair.training())));
  }
}

package org.codonfuse.sequence;

import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What cleaning found in a file and did about it. Everything after {@code filtered} counts
 * sequences that were kept.
 *
 * @param sequences sequences in the file
 * @param filtered sequences removed because they are longer than the limit
 * @param truncated sequences cut to what the encoders read
 * @param lowerCase sequences with lower-case letters
 * @param thymine sequences with T
 * @param ambiguous sequences with codes for several bases
 * @param ambiguousNucleotides the number of these codes
 * @param frameRemainder sequences whose length is no multiple of 3
 * @param internalStops sequences with a stop codon before another amino acid: two stops in a row at
 *     the end are none
 * @param missingStart sequences that begin with no start codon of the genetic code
 * @param duplicates sequences equal to an earlier one
 * @param acrossSplits sequences that also occur in another split: a leak from training to test
 * @param unusedLabels rows of the label table that name no sequence
 * @param splits the number of sequences per split
 * @param classes the number of sequences per class, empty for regression
 * @param missingTargets the number of sequences without a value, per target, where there are
 *     several
 */
public record Diagnostics(
    int sequences,
    int filtered,
    int truncated,
    int lowerCase,
    int thymine,
    int ambiguous,
    long ambiguousNucleotides,
    int frameRemainder,
    int internalStops,
    int missingStart,
    int duplicates,
    int acrossSplits,
    int unusedLabels,
    Map<Split, Integer> splits,
    Map<String, Integer> classes,
    Map<String, Integer> missingTargets) {

  public Diagnostics {
    splits = Collections.unmodifiableMap(new LinkedHashMap<>(splits));
    classes = Collections.unmodifiableMap(new LinkedHashMap<>(classes));
    missingTargets = Collections.unmodifiableMap(new LinkedHashMap<>(missingTargets));
  }

  /** The counts by name, for JSON: numbers and maps of numbers. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("sequences", sequences);
    map.put("filtered", filtered);
    map.put("truncated", truncated);
    map.put("lower_case", lowerCase);
    map.put("thymine", thymine);
    map.put("ambiguous", ambiguous);
    map.put("ambiguous_nucleotides", ambiguousNucleotides);
    map.put("frame_remainder", frameRemainder);
    map.put("internal_stops", internalStops);
    map.put("missing_start", missingStart);
    map.put("duplicates", duplicates);
    map.put("across_splits", acrossSplits);
    map.put("unused_labels", unusedLabels);
    Map<String, Integer> bySplit = new LinkedHashMap<>();
    splits.forEach((split, count) -> bySplit.put(split.label(), count));
    map.put("splits", bySplit);
    if (!classes.isEmpty()) {
      map.put("classes", classes);
    }
    if (!missingTargets.isEmpty()) {
      map.put("missing_targets", missingTargets);
    }
    return map;
  }

  /** The counts as lines of text: what, how many sequences, what was done. */
  public String toTable() {
    var text = new StringBuilder();
    line(text, "sequences", sequences, "read");
    line(text, "over the length limit", filtered, "removed");
    line(text, "longer than the encoders read", truncated, "truncated to whole codons");
    line(text, "lower case", lowerCase, "changed to upper case");
    line(text, "T", thymine, "changed to U");
    line(text, "ambiguous nucleotides", ambiguous, "kept, " + ambiguousNucleotides + " in all");
    line(text, "length no multiple of 3", frameRemainder, "kept, the rest carries no codon");
    line(text, "internal stop codon", internalStops, "kept, a stop is one position");
    line(text, "no start codon", missingStart, "kept");
    line(text, "duplicates", duplicates, "kept");
    if (!splits.isEmpty()) {
      line(
          text,
          "in more than one split",
          acrossSplits,
          acrossSplits == 0 ? "" : "kept, the test is easier than it looks");
    }
    if (unusedLabels > 0) {
      line(text, "labels without a sequence", unusedLabels, "ignored");
    }
    splits.forEach((split, count) -> line(text, "split " + split.label(), count, ""));
    classes.forEach((name, count) -> line(text, "class " + name, count, ""));
    missingTargets.forEach(
        (name, count) -> line(text, "no value of " + name, count, "kept for the other targets"));
    return text.toString();
  }

  private static void line(StringBuilder text, String what, int count, String action) {
    boolean idle = count == 0;
    text.append(
            String.format(Locale.ROOT, "%-30s %8d  %s", what, count, idle ? "" : action)
                .stripTrailing())
        .append('\n');
  }

  /** Counts while sequences are cleaned. */
  static final class Builder {
    private static final Pattern STOPS_ONLY = Pattern.compile("\\*+");

    private final GeneticCode code;
    private final int sequences;
    private final int unusedLabels;
    private int filtered;
    private int truncated;
    private int lowerCase;
    private int thymine;
    private int ambiguous;
    private long ambiguousNucleotides;
    private int frameRemainder;
    private int internalStops;
    private int missingStart;

    Builder(SequenceTable table, GeneticCode code) {
      this.code = code;
      this.sequences = table.records().size();
      this.unusedLabels = table.unusedLabels();
    }

    void addFiltered() {
      filtered++;
    }

    void addTruncated() {
      truncated++;
    }

    void add(SequenceCleaner.Cleaned cleaned, CodingSequence sequence) {
      lowerCase += one(cleaned.lowerCase() > 0);
      thymine += one(cleaned.thymine() > 0);
      ambiguous += one(cleaned.ambiguous() > 0);
      ambiguousNucleotides += cleaned.ambiguous();
      frameRemainder += one(sequence.length() % 3 != 0);
      String protein = sequence.protein(code);
      int stop = protein.indexOf(GeneticCode.STOP);
      internalStops += one(stop >= 0 && !STOPS_ONLY.matcher(protein.substring(stop)).matches());
      missingStart += one(!code.isStart(sequence.rna().substring(0, 3)));
    }

    /**
     * The counts.
     *
     * @param divided whether the examples are divided into splits
     */
    Diagnostics build(
        List<Example> examples, List<String> targets, List<String> classes, boolean divided) {
      Map<String, Split> first = new HashMap<>();
      Map<String, Boolean> leaks = new HashMap<>();
      int duplicates = 0;
      Map<Split, Integer> splits = new EnumMap<>(Split.class);
      Map<String, Integer> byClass = new LinkedHashMap<>();
      classes.forEach(name -> byClass.put(name, 0));
      for (Example example : examples) {
        String rna = example.sequence().rna();
        Split other = first.putIfAbsent(rna, example.split());
        if (other != null) {
          duplicates++;
          leaks.merge(rna, other != example.split(), Boolean::logicalOr);
        }
        if (divided) {
          splits.merge(example.split(), 1, Integer::sum);
        }
        if (!classes.isEmpty() && !Double.isNaN(example.target())) {
          byClass.merge(classes.get((int) example.target()), 1, Integer::sum);
        }
      }
      int acrossSplits =
          (int)
              examples.stream().filter(e -> leaks.getOrDefault(e.sequence().rna(), false)).count();
      return new Diagnostics(
          sequences,
          filtered,
          truncated,
          lowerCase,
          thymine,
          ambiguous,
          ambiguousNucleotides,
          frameRemainder,
          internalStops,
          missingStart,
          duplicates,
          acrossSplits,
          unusedLabels,
          splits,
          byClass,
          missing(examples, targets));
    }

    private static Map<String, Integer> missing(List<Example> examples, List<String> targets) {
      Map<String, Integer> missing = new LinkedHashMap<>();
      for (int i = 0; targets.size() > 1 && i < targets.size(); i++) {
        int target = i;
        missing.put(
            targets.get(i),
            (int) examples.stream().filter(e -> e.targets().get(target).isNaN()).count());
      }
      return missing;
    }

    private static int one(boolean condition) {
      return condition ? 1 : 0;
    }
  }
}

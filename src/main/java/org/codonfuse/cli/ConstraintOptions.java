package org.codonfuse.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.UsageException;
import org.codonfuse.design.CodonFrequencies;
import org.codonfuse.design.Constraint;
import org.codonfuse.design.Constraints;
import org.codonfuse.design.Motif;
import org.codonfuse.design.RestrictionSites;
import picocli.CommandLine.Option;

/** What a designed sequence must satisfy. */
final class ConstraintOptions {
  private static final String GC = "--gc";
  private static final String MOTIF = "--avoid-motif";
  private static final String SITE = "--avoid-site";
  private static final String KEEP = "--keep";
  private static final double DEFAULT_USAGE = 0.1;
  private static final int MOST_POSITIONS = 1_000_000;
  private static final Pattern PAIR = Pattern.compile("([^:]+):([^:]+)");
  private static final Pattern RANGE = Pattern.compile("(\\d{1,7})(?:-(\\d{1,7}))?");

  @Option(
      names = GC,
      paramLabel = "LOW:HIGH",
      description = "Share of G and C in the whole sequence, such as 0.4:0.6.")
  private Optional<String> gc = Optional.empty();

  @Option(
      names = MOTIF,
      paramLabel = "PATTERN",
      split = ",",
      description =
          "Nucleotides that must not occur, IUPAC codes, T and U alike; repeat it, or separate"
              + " several by commas. On this strand, unless --both-strands.")
  private List<String> motifs = List.of();

  @Option(names = "--both-strands", description = "Avoid motifs on the other strand too.")
  private boolean bothStrands;

  @Option(
      names = SITE,
      paramLabel = "ENZYME",
      split = ",",
      description =
          "Restriction enzymes whose sites must not occur, on either strand, such as BsaI,EcoRI.")
  private List<String> sites = List.of();

  @Option(names = "--max-homopolymer", paramLabel = "N", description = "Longest run of one base.")
  private Optional<Integer> homopolymer = Optional.empty();

  @Option(
      names = "--codon-usage",
      paramLabel = "FILE",
      description =
          "How often an organism uses each codon: a CSV with the columns codon and frequency, or a"
              + " table of the Codon Usage Database.")
  private Optional<Path> usage = Optional.empty();

  @Option(
      names = "--min-usage",
      paramLabel = "SHARE",
      description =
          "Do not use codons with less than this part of the frequency of their most frequent"
              + " synonym (default: 0.1).")
  private Optional<Double> minUsage = Optional.empty();

  @Option(names = "--max-changes", paramLabel = "N", description = "Change at most so many codons.")
  private Optional<Integer> changes = Optional.empty();

  @Option(
      names = KEEP,
      paramLabel = "RANGES",
      split = ",",
      description =
          "Codons that stay as they are, counted from 1, such as 1-30,45. The start codon always"
              + " stays.")
  private List<String> keep = List.of();

  @Option(
      names = "--stops",
      description = "Exchange stop codons too; otherwise they stay as they are.")
  private boolean stops;

  /** Whether stop codons are exchanged. */
  boolean stops() {
    return stops;
  }

  /**
   * What was given.
   *
   * @throws UsageException if it cannot be meant
   */
  Constraints constraints() {
    List<Constraint> all = new ArrayList<>();
    gc.ifPresent(text -> all.add(gcRange(text)));
    for (String text : motifs) {
      Motif motif = Motif.parse(MOTIF, text);
      all.add(
          new Constraint.Avoid(
              MOTIF + " " + motif.name(), bothStrands ? motif.bothStrands() : List.of(motif)));
    }
    if (bothStrands && motifs.isEmpty()) {
      throw new UsageException("--both-strands is about --avoid-motif; give one, or leave it out.");
    }
    for (String enzyme : sites) {
      Motif site = RestrictionSites.of(SITE, enzyme);
      all.add(new Constraint.Avoid(SITE + " " + site.name(), site.bothStrands()));
    }
    homopolymer.ifPresent(
        longest -> {
          Ranges.atLeast("--max-homopolymer", longest, 1);
          // Longer ones are no restriction, and no pattern to look for.
          all.add(new Constraint.MaxHomopolymer(Math.min(longest, 1000)));
        });
    minUsage.ifPresent(share -> Ranges.within("--min-usage", share, 0, 1));
    if (minUsage.isPresent() && usage.isEmpty()) {
      throw new UsageException("--min-usage needs a table of codon usage; give --codon-usage.");
    }
    usage.ifPresent(
        file ->
            all.add(
                new Constraint.MinUsage(
                    CodonFrequencies.read(file), minUsage.orElse(DEFAULT_USAGE))));
    changes.ifPresent(
        most -> {
          Ranges.atLeast("--max-changes", most, 1);
          all.add(new Constraint.MaxChanges(most));
        });
    if (!keep.isEmpty()) {
      Set<Integer> positions = new TreeSet<>();
      keep.forEach(text -> addRange(text, positions));
      all.add(new Constraint.Keep(KEEP + " " + String.join(",", keep), positions));
    }
    return new Constraints(all);
  }

  private static Constraint gcRange(String text) {
    Matcher matcher = PAIR.matcher(text);
    try {
      if (matcher.matches()) {
        double low = Double.parseDouble(matcher.group(1));
        double high = Double.parseDouble(matcher.group(2));
        if (0 <= low && low <= high && high <= 1) {
          return new Constraint.GcRange(low, high);
        }
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new UsageException(
        "%s %s is no range of shares; give two numbers from 0 to 1, such as 0.4:0.6."
            .formatted(GC, text));
  }

  private static void addRange(String text, Set<Integer> positions) {
    Matcher matcher = RANGE.matcher(text.strip());
    if (matcher.matches()) {
      int first = Integer.parseInt(matcher.group(1));
      int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (1 <= first && first <= last && last <= MOST_POSITIONS) {
        for (int position = first; position <= last; position++) {
          positions.add(position);
        }
        return;
      }
    }
    throw new UsageException(
        "%s %s is no range of codons; give numbers from 1, such as 1-30,45.".formatted(KEEP, text));
  }
}

package org.codonfuse.report;

import static j2html.TagCreator.b;
import static j2html.TagCreator.caption;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.i;
import static j2html.TagCreator.li;
import static j2html.TagCreator.ol;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import j2html.tags.specialized.LiTag;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.codonfuse.explain.Explanation.CodonAttribution;
import org.codonfuse.explain.Explanation.Completeness;

/**
 * A sequence as the letters of its codons, coloured by what is attributed to them; below each its
 * amino acid and the colours of the modalities. The numbers are in the title of each codon and in a
 * table.
 */
final class SequenceHtml {
  /** Colours from the most negative to the most positive, of classes in the style sheet. */
  static final int LEVELS = 19;

  /** Colours end at this percentile, so that one codon does not make all others pale. */
  private static final double END = 98;

  private final List<String> modalities;
  private final String unit;
  private final double reach;

  private SequenceHtml(List<String> modalities, String unit, double reach) {
    this.modalities = modalities;
    this.unit = unit;
    this.reach = reach;
  }

  /** A place of the sequence. */
  private record Site(int position, String codon, String aminoAcid, double[] parts) {
    double sum() {
      return Arrays.stream(parts).sum();
    }
  }

  /**
   * A sequence.
   *
   * @param id of the element
   * @param about what is attributed
   * @param attributions of all its codons and modalities
   */
  static DomContent of(
      Explained run, String id, Completeness about, List<CodonAttribution> attributions) {
    List<Site> sites = sites(run.modalities(), attributions);
    double reach =
        Explained.quantile(sites.stream().mapToDouble(site -> Math.abs(site.sum())).toArray(), END);
    return new SequenceHtml(
            run.modalities(), run.unit(about.output()), reach > 0 ? reach : Double.MIN_NORMAL)
        .sequence(id, about, sites);
  }

  private static List<Site> sites(List<String> modalities, List<CodonAttribution> attributions) {
    Map<Integer, Site> sites = new TreeMap<>();
    for (CodonAttribution of : attributions) {
      Site site =
          sites.computeIfAbsent(
              of.position(),
              _ ->
                  new Site(
                      of.position(), of.codon(), of.aminoAcid(), new double[modalities.size()]));
      int place = modalities.indexOf(of.modality());
      if (place >= 0) {
        site.parts()[place] += of.attribution();
      }
    }
    return List.copyOf(sites.values());
  }

  private DomContent sequence(String id, Completeness about, List<Site> sites) {
    String of = about.id();
    return div(
            p(
                "%s: predicted %s %s, baseline %s. The colours divide the difference of %s among %d codons; the numbers add up to it but for %s %%."
                    .formatted(
                        of,
                        unit,
                        Numbers.three(about.prediction()),
                        Numbers.three(about.baseline()),
                        Numbers.three(about.prediction() - about.baseline()),
                        sites.size(),
                        Double.isFinite(about.gap()) ? Numbers.three(100 * about.gap()) : "–")),
            p(
                text("lowers " + unit + ", " + Numbers.three(-reach)),
                span(each(
                        IntStream.range(0, LEVELS).boxed().toList(),
                        n -> span().withClass("q" + n)))
                    .withClass("scale")
                    .attr("aria-hidden", "true"),
                text(
                    "+"
                        + Numbers.three(reach)
                        + ", raises it. Beyond these, the colours stay the same.")),
            ol(key(), each(sites, this::site))
                .withClass("codons")
                .attr("aria-label", "Codons of " + of + " and what they contribute to " + unit),
            numbers(of, sites))
        .withClass("sequence")
        .withId(id);
  }

  private LiTag key() {
    return li(
            b("codon (sum)"),
            several() ? each(modalities, name -> span(name)) : null,
            i("amino acid"))
        .withClass("key")
        .attr("aria-hidden", "true");
  }

  private boolean several() {
    return modalities.size() > 1;
  }

  private LiTag site(Site site) {
    LiTag codon =
        li(b(site.codon()).withClass(level(site.sum())), i(site.aminoAcid())).withTitle(says(site));
    if (several()) {
      for (double part : site.parts()) {
        codon.with(span().withClass(level(part)));
      }
    }
    return site.position() == 1 || site.position() % 10 == 0
        ? codon.withData("n", Integer.toString(site.position()))
        : codon;
  }

  private String says(Site site) {
    StringBuilder says = new StringBuilder();
    says.append(
        "Codon %d, %s (%s): %s"
            .formatted(
                site.position(),
                site.codon(),
                AminoAcids.name(site.aminoAcid()),
                signed(site.sum())));
    for (int m = 0; several() && m < modalities.size(); m++) {
      says.append(m == 0 ? " = " : ", ")
          .append(modalities.get(m))
          .append(' ')
          .append(signed(site.parts()[m]));
    }
    return says.toString();
  }

  private static String signed(double value) {
    return (value > 0 ? "+" : "") + Numbers.three(value);
  }

  /** The class of the colour of a number. */
  private String level(double value) {
    double place = Math.clamp((value / reach + 1) / 2, 0, 1) * (LEVELS - 1);
    return "q" + Math.round(place);
  }

  private DomContent numbers(String id, List<Site> sites) {
    String label = "Numbers of " + id;
    return details(
        summary(label),
        TableHtml.scrolling(
            label + " for " + unit,
            table(
                caption(label),
                thead(
                    tr(
                        each(
                            List.of("position", "codon", "amino acid", "sum"),
                            name -> th(name).attr("scope", "col")),
                        several()
                            ? each(modalities, name -> th(name).attr("scope", "col"))
                            : null)),
                tbody(each(sites, this::row)))));
  }

  private DomContent row(Site site) {
    return tr(
        td(Integer.toString(site.position())),
        td(site.codon()),
        td(AminoAcids.name(site.aminoAcid())),
        td(Numbers.three(site.sum())),
        several()
            ? each(Arrays.stream(site.parts()).boxed().toList(), part -> td(Numbers.three(part)))
            : null);
  }
}

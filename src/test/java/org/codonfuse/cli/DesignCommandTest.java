package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.training.run.TestRuns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Designs by models that learned a known function of codons. */
@RequiresTorch
class DesignCommandTest {
  private static final int DESIGNS = 50;

  @TempDir private static Path folder;
  private static RunCommandsFixture fixture;

  @BeforeAll
  static void train() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    SyntheticData.write(folder.resolve("synthetic.csv"), 300, 1);
    SyntheticData.writeNew(folder.resolve("new.csv"), DESIGNS, 1);
    for (String seed : List.of("1", "2")) {
      trained(
          "--output=@codons" + seed,
          "--data=@synthetic.csv",
          "--rna=one-hot",
          "--epochs=20",
          "--head-dim=32",
          "--seed=" + seed);
    }
    trained("--output=@run");
    Said tuned = fixture.finetune("--output=@tuned", "--encoder-learning-rate=1e-2");
    assertEquals(0, tuned.code(), tuned.err());
    trained("--output=@protein-only", "--fusion=protein", "--rna=", "--protein=@protein");
    StringBuilder csv = new StringBuilder("Id,Sequence,label,Split\n");
    TestRuns.rows()
        .forEach(
            row ->
                csv.append(String.join(",", row.id(), row.sequence(), row.level(), row.split()))
                    .append('\n'));
    Files.writeString(folder.resolve("classes.csv"), csv);
    trained("--output=@classes", "--data=@classes.csv");
  }

  private static void trained(String... options) {
    Said said = fixture.train(options);
    assertEquals(0, said.code(), said.err());
  }

  private static Said design(String run, String output, String... options) {
    List<String> args = new ArrayList<>(List.of("design"));
    args.addAll(List.of(run.split(" ", -1)));
    args.addAll(List.of("--output=@" + output, "--cache=@none"));
    args.addAll(List.of(options));
    return fixture.call(args.toArray(String[]::new));
  }

  private static Map<String, String> fasta(String file) throws IOException {
    Map<String, String> sequences = new LinkedHashMap<>();
    String id = "";
    for (String line : Files.readAllLines(folder.resolve(file))) {
      if (line.startsWith(">")) {
        id = line.substring(1).split(" ", -1)[0];
      } else {
        sequences.merge(id, line, String::concat);
      }
    }
    return sequences;
  }

  private static Map<String, String> sequences(String csv) throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve(csv))) {
      return lines
          .skip(1)
          .map(line -> line.split(",", -1))
          .collect(Collectors.toMap(cells -> cells[0], cells -> cells[1]));
    }
  }

  private static String protein(String rna) {
    return new CodingSequence("s", rna).protein(GeneticCode.standard());
  }

  private static JsonNode json(Said said) throws IOException {
    assertEquals(0, said.code(), said.err());
    return new ObjectMapper().readTree(said.out());
  }

  @Test
  void designsAreTrulyBetterAndCodeForTheSameProtein() throws IOException {
    Said said =
        design("@codons1 @codons2", "better", "--input=@new.csv", "--objective=max", "--rounds=5");
    assertEquals(0, said.code(), said.err());

    Map<String, Double> weights =
        SyntheticData.codons(new SplittableRandom(1)).stream()
            .collect(Collectors.toMap(SyntheticData.Codon::letters, SyntheticData.Codon::weight));
    Map<String, String> originals = sequences("new.csv");
    Map<String, String> designs = fasta("better/designs.fasta");
    assertEquals(originals.keySet(), designs.keySet());
    int better = 0;
    for (Map.Entry<String, String> design : designs.entrySet()) {
      String original = originals.get(design.getKey());
      assertEquals(protein(original), protein(design.getValue()));
      assertEquals("AUG", design.getValue().substring(0, 3));
      better += value(weights, design.getValue()) > value(weights, original) ? 1 : 0;
    }
    assertTrue(better >= 0.9 * DESIGNS, better + " are better");
    assertFalse(Files.exists(folder.resolve("none")), "nothing is kept of variants");
  }

  private static double value(Map<String, Double> weights, String rna) {
    double sum = 0;
    for (int i = 3; i < rna.length() - 3; i += 3) {
      sum += weights.get(rna.substring(i, i + 3));
    }
    return sum / (rna.length() / 3.0 - 2);
  }

  @Test
  void whatIsWrittenAgreesWithPredictions() throws IOException {
    JsonNode result =
        json(
            design(
                "@codons1 @codons2",
                "written",
                "--data=@new.csv",
                "--sequence=n0003",
                "--objective=max",
                "--json"));
    JsonNode design = result.get("designs").get(0);
    assertEquals("n0003", design.get("id").asText());
    assertEquals(
        result, new ObjectMapper().readTree(folder.resolve("written/designs.json").toFile()));

    fixture.call(
        "predict", "@codons1", "@codons2", "--input=@written/designs.fasta", "--output=@p.csv");
    String[] predicted = Files.readAllLines(folder.resolve("p.csv")).get(1).split(",", -1);
    assertEquals(Double.parseDouble(predicted[1]), design.get("after").asDouble(), 1e-5);
    assertEquals(Double.parseDouble(predicted[2]), design.get("after_sd").asDouble(), 1e-5);

    List<String> changes = Files.readAllLines(folder.resolve("written/changes.csv"));
    assertEquals("id,position,from,to,amino_acid,change_alone,predicted", changes.getFirst());
    assertEquals(design.get("changes").asInt(), changes.size() - 1);
    String[] last = changes.getLast().split(",", -1);
    assertEquals(design.get("after").asDouble(), Double.parseDouble(last[6]), 1e-9);
    assertEquals(design.get("sequence").asText(), fasta("written/designs.fasta").get("n0003"));
  }

  /** Variants are computed by each model's own encoder: in memory, where nothing else is keyed. */
  @Test
  void encodersThatLearnedDesignAsTheyPredict() throws IOException {
    JsonNode design =
        json(design(
                "@tuned @run",
                "tuned-design",
                "--data=@data.csv",
                "--sequence=s01",
                "--objective=max",
                "--rounds=1",
                "--json"))
            .at("/designs/0");
    Said said =
        fixture.call(
            "predict",
            "@tuned",
            "@run",
            "--input=@tuned-design/designs.fasta",
            "--output=@tuned.csv",
            "--cache=@tuned-cache");
    assertEquals(0, said.code(), said.err());
    String[] predicted = Files.readAllLines(folder.resolve("tuned.csv")).get(1).split(",", -1);
    assertEquals(Double.parseDouble(predicted[1]), design.get("after").asDouble(), 1e-5);
    assertEquals(Double.parseDouble(predicted[2]), design.get("after_sd").asDouble(), 1e-5);
  }

  @Test
  void theLeastIsLessAndOneModelIsCautionedAbout() throws IOException {
    Said said = design("@codons1", "least", "--sequence=s0002", "--objective=min");
    assertEquals(0, said.code(), said.err());
    assertTrue(said.out().contains("s0002: Value "), said.out());
    assertTrue(said.out().contains("One model has no spread"), said.out());
    JsonNode design =
        new ObjectMapper().readTree(folder.resolve("least/designs.json").toFile()).at("/designs/0");
    assertTrue(design.get("after").asDouble() < design.get("before").asDouble());
    assertEquals(
        sequences("synthetic.csv").get("s0002").length(), 3 * design.get("codons").asInt());
  }

  @Test
  void constraintsHold() throws IOException {
    Said said =
        design(
            "@codons1",
            "constrained",
            "--input=@new.csv",
            "--objective=max",
            "--gc=0.45:0.5",
            "--avoid-motif=AUUUA,GGTNACC",
            "--avoid-site=BsaI",
            "--max-homopolymer=4",
            "--max-changes=8",
            "--keep=2-5",
            "--rounds=2");
    Map<String, String> originals = sequences("new.csv");
    Map<String, String> designs = fasta("constrained/designs.fasta");
    // Some sequences are too far from this share of G and C for 8 changes.
    assertTrue(designs.size() > 20, designs.size() + " designs");
    assertEquals(designs.size() == DESIGNS ? 0 : 1, said.code());
    assertEquals(
        DESIGNS - designs.size(),
        said.err().lines().filter(line -> line.contains("no sequence for the same")).count());
    designs.forEach(
        (id, rna) -> {
          String original = originals.get(id);
          double gc = rna.chars().filter(c -> c == 'G' || c == 'C').count() / (double) rna.length();
          assertTrue(gc >= 0.45 && gc <= 0.5, id + " " + gc);
          assertFalse(
              rna.matches(".*(AUUUA|GGU[ACGU]ACC|GGUCUC|GAGACC|([ACGU])\\2{4}).*"), id + " " + rna);
          assertEquals(original.substring(0, 15), rna.substring(0, 15));
          int changes = 0;
          for (int i = 0; i < rna.length(); i += 3) {
            changes += rna.regionMatches(i, original, i, 3) ? 0 : 1;
          }
          assertTrue(changes <= 8, id + " " + changes);
        });
  }

  @Test
  void probabilitiesOfAClassAreRaised() throws IOException {
    JsonNode design =
        json(design(
                "@classes",
                "class",
                "--sequence=s02",
                "--objective=max",
                "--target=high",
                "--rounds=5",
                "--json"))
            .at("/designs/0");
    assertTrue(design.get("after").asDouble() > design.get("before").asDouble());
    assertTrue(design.get("after").asDouble() <= 1);
    refused(
        2,
        "predicts 3 classes; choose one with --target: high, low, mid",
        "@classes",
        "--sequence=s02");
  }

  @Test
  void whatCannotBeDesignedIsSaid() throws IOException {
    refused(1, "has no sequence 's0x' (did you mean s00?)", "@run", "--sequence=s0x");
    refused(2, "nothing says which sequence", "@run");
    refused(
        2,
        "has no target 'stability'; choose one with --target: Value",
        "@run",
        "--sequence=s01",
        "--target=stability");
    refused(
        2,
        "reads the protein alone, which synonymous codons do not change",
        "@protein-only",
        "--sequence=s01");
    refused(
        1,
        "--gc 0.9:1 rules it out (synonymous codons reach from ",
        "@run",
        "--sequence=s01",
        "--gc=0.9:1");
    refused(2, "--gc 0.6 is no range", "@run", "--sequence=s01", "--gc=0.6");
    refused(2, "--keep 0 is no range of codons", "@run", "--sequence=s01", "--keep=0");
    refused(2, "--min-usage needs a table", "@run", "--sequence=s01", "--min-usage=0.2");
    refused(2, "--objective", "@run", "--sequence=s01", "--objective=more");
    Files.writeString(folder.resolve("met.fasta"), ">m\nATGTGGATG\n");
    refused(1, "'m': has no codon that can be exchanged", "@run", "--input=@met.fasta");
  }

  @Test
  void whatCannotBeWrittenIsSaidBeforeTheSearch() {
    Said said = design("@run", "classes.csv/designs", "--sequence=s01", "--objective=max");
    assertEquals(2, said.code(), said.err());
    assertTrue(
        said.err()
            .contains(
                "classes.csv/designs: cannot be written into %s; choose another --output"
                    .formatted(folder.resolve("classes.csv"))),
        said.err());
    assertFalse(said.err().contains("Designing"), said.err());
  }

  private static void refused(int code, String message, String run, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    if (all.stream().noneMatch(option -> option.startsWith("--objective"))) {
      all.add("--objective=max");
    }
    Said said = design(run, "refused", all.toArray(String[]::new));
    assertEquals(code, said.code(), said.err());
    assertTrue(said.err().contains(message), said.err());
    assertFalse(said.err().contains("\tat "), said.err());
    assertFalse(Files.exists(folder.resolve("refused")));
  }

  @Test
  void storesHaveNoVariants() {
    fixture.call("embed", "--model=@rna", "--input=@data.csv", "--output=@store");
    Said said = design("@run", "stored", "--rna=@store", "--sequence=s01", "--objective=max");
    assertEquals(2, said.code());
    assertTrue(said.err().contains("reads embeddings from a store"), said.err());
  }

  @Test
  void sequencesAreWrittenInTheirLettersAndKeepWhatIsNoWholeCodon() throws IOException {
    Files.writeString(folder.resolve("dna.fasta"), ">gene\nATGCTNGCTTTAAGATAGCCGCTGC\n");
    Said said = design("@run", "dna", "--input=@dna.fasta", "--objective=max");
    assertEquals(0, said.code(), said.err());
    String design = fasta("dna/designs.fasta").get("gene");
    assertTrue(design.matches("ATGCTNGC[ACGT].*TAG.*C") && design.length() == 25, design);
    assertTrue(said.out().contains("1 codon with ambiguous nucleotides stays"), said.out());
    assertTrue(said.out().contains("no multiple of 3"), said.out());
    assertTrue(said.out().contains("1 stop codon before the end"), said.out());

    Said again = design("@run", "dna", "--input=@dna.fasta", "--objective=max");
    assertEquals(2, again.code());
    assertTrue(again.err().contains("has designs already"), again.err());
    assertEquals(
        0, design("@run", "dna", "--input=@dna.fasta", "--objective=min", "--overwrite").code());
  }
}

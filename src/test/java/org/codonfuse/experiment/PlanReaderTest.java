package org.codonfuse.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.codonfuse.CodonfuseException;
import org.codonfuse.experiment.RowPlan.EncoderPlan;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanReaderTest {
  @TempDir Path folder;

  private ExperimentPlan plan(String yaml) {
    return Plans.read(folder, yaml);
  }

  private static List<String> names(ExperimentPlan plan) {
    return plan.rows().stream().map(RowPlan::name).toList();
  }

  @Test
  void setsOfEncodersFusionsAndHeadsAreMultiplied() {
    ExperimentPlan plan =
        plan(
            """
            data: data.csv
            encoders:
              small: {rna: a, protein: b}
              large: {protein: c}
            fusions: [concat, rna, protein]
            heads: [textcnn, {head: mlp, dim: 8}]
            """);

    assertEquals(
        List.of(
            "concat textcnn",
            "concat mlp",
            "rna textcnn",
            "rna mlp",
            "protein small textcnn",
            "protein small mlp",
            "protein large textcnn",
            "protein large mlp"),
        names(plan));
    assertEquals("data", plan.data().getFirst().name());
    RowPlan.Trained mlp = (RowPlan.Trained) plan.rows().get(1);
    assertEquals(8, mlp.head().width());
    assertEquals(1280, ((RowPlan.Trained) plan.rows().getFirst()).head().channels());
  }

  @Test
  void aFusionHasSettingsOfItsOwn() {
    ExperimentPlan plan =
        plan(
            """
            name: My table
            data: [{file: data.csv, published: cov-vac, max_length: 1000, split: "random:0.5,0.2"}]
            encoders: {dna: nucleotide-transformer-v2-100m, rna: rna-fm, protein: esm2-8m}
            training: {epochs: 9, learning_rate: 1e-3}
            fusions:
              - {fusion: mil, lambda: 0, shared_gate: true, gate_dim: 5, training: {epochs: 7}}
              - {fusion: cross-attention, name: cross, attention_heads: 2, upsample: list1}
              - rna
            """);

    RowPlan.Trained mil = (RowPlan.Trained) plan.rows().getFirst();
    assertEquals(List.of(0.0), mil.lambdas());
    assertTrue(mil.fusion().sharedGate());
    assertEquals(OptionalInt.of(5), mil.fusion().gateDim());
    assertEquals(7, mil.training().epochs());
    assertEquals(1e-3, mil.training().learningRate());
    assertEquals(Optional.of("MIL, shared gate"), mil.published());
    assertEquals(100, ((RowPlan.Trained) plan.rows().get(1)).head().channels());
    assertEquals(Optional.of("RNA-FM"), plan.rows().get(2).published());
    assertEquals("My table", plan.name());
    assertEquals(OptionalInt.of(1000), plan.data().getFirst().maxLength());
  }

  @Test
  void severalEncodersOfAMoleculeHaveNames() {
    RowPlan.Trained row =
        (RowPlan.Trained)
            plan("""
            data: data.csv
            encoders: {rna: {fm: a, bert: b}, protein: [c, d]}
            fusions: [concat]
            """)
                .rows()
                .getFirst();

    assertEquals(
        List.of(
            new EncoderPlan("fm", Molecule.RNA, "a"),
            new EncoderPlan("bert", Molecule.RNA, "b"),
            new EncoderPlan("protein", Molecule.PROTEIN, "c"),
            new EncoderPlan("protein2", Molecule.PROTEIN, "d")),
        row.encoders());
  }

  @Test
  void modelsAndDataAreReplaced() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path moved = Files.writeString(elsewhere.resolve("away.csv"), "Sequence,Value\nAUG,1\n");
    Path mine = Files.writeString(elsewhere.resolve("mine.v2.csv.gz"), "");
    String yaml =
        """
        data: [{name: Away, file: away.csv}, data.csv]
        encoders: {rna: a, protein: b}
        fusions: [concat]
        """;
    List<EncoderPlan> rna = List.of(new EncoderPlan("rna", Molecule.RNA, "other"));

    ExperimentPlan found = Plans.read(folder, yaml, new PlanReader.Overrides(List.of(moved), rna));
    ExperimentPlan replaced =
        Plans.read(folder, yaml, new PlanReader.Overrides(List.of(mine), List.of()));

    assertEquals(List.of(moved, folder.resolve("data.csv")), files(found));
    assertEquals("Away", found.data().getFirst().name());
    assertEquals(
        List.of("other", "b"),
        ((RowPlan.Trained) found.rows().getFirst())
            .encoders().stream().map(EncoderPlan::model).toList());
    assertEquals(List.of(mine), files(replaced));
    assertEquals("mine.v2", replaced.data().getFirst().name());
  }

  private String failure(String yaml) {
    return assertThrows(CodonfuseException.class, () -> plan(yaml)).getMessage();
  }

  @Test
  void whatWouldOverflowStacksAndDirectoriesIsRefused() {
    String file = folder.resolve("plan.yaml").toString();
    String rest = "\nbaselines: [kmer]\n";

    assertEquals(
        file + ":1: nests deeper than an experiment does; correct the line.",
        failure("data: " + "[".repeat(20_000) + "]".repeat(20_000) + rest));
    assertEquals(
        file + ":1: nests deeper than an experiment does; correct the line.",
        failure("data: " + "{a: ".repeat(20_000) + "}".repeat(20_000) + rest));
    assertEquals(
        file + ": is too large to describe an experiment; give a YAML file such as quick.yaml.",
        failure("data: " + "a".repeat(1 << 20) + rest));
    assertEquals(
        file + ":1: the file needs keys with values but has '" + "a".repeat(60) + "…'.",
        failure("a".repeat(1000)));
    assertEquals(
        file
            + ":1: the name 'aaaaaaaaaaaaaaaaaaaa…' is too long for that of a directory; give one"
            + " of at most 80 letters.",
        failure("data: {file: data.csv, name: " + "a".repeat(81) + "}" + rest));
    assertEquals(
        file + ":3: 1001 seeds are too many; list at most 1000.",
        failure("data: data.csv" + rest + "seeds: [" + "1, ".repeat(1000) + "1]"));
  }

  private static List<Path> files(ExperimentPlan plan) {
    return plan.data().stream().map(DataPlan::file).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "seed: [1]| 4: unknown key 'seed' of an experiment (did you mean seeds?); use one of name,"
            + " data,",
        "seeds: [1, 2, 1]| 4: seed 1 is there twice, and would count one training as two; remove"
            + " one.",
        "seeds: 3| 4: seeds needs a list such as [a, b] but has '3'.",
        "seeds: [1]\\nseeds: [2]| 5: 'seeds' is there twice; remove one.",
        "folds: 2| 4: folds 2 is out of range; use 3 to 1000.",
        "folds: 5\\nseeds: [1, 2]| 5: folds repeat every training already; give one seed.",
        "fusions: [rna, {fusion: mil, lambda: [0.1, -1]}]| 4: lambda -1 is out of range; use a"
            + " number from 0 to 1000000.",
        "fusions: [{fusion: mil, lambda: [1, 1.0]}]| 4: λ 1 is there twice; remove one.",
        "fusions: [{fusion: concat, lambda: 1}]| 4: lambda changes nothing in concat; remove it.",
        "fusions: [crossattention]| 4: unknown fusion 'crossattention' (did you mean"
            + " cross-attention?); use one of concat,",
        "fusions: [{fusion: rna, shared_gate: true}]| 4: shared-gate is for the fusion mil and"
            + " changes nothing in rna; leave it out.",
        "fusions: [dna]| 4: dna needs an encoder of dna, which 'encoders' does not have.",
        "fusions: [rna]\\n"
            + "heads: [mpl]| 5: unknown head 'mpl' (did you mean mlp?); use one of textcnn, mlp.",
        "fusions: [rna]\\ntraining: {lr: 1}| 5: unknown key 'lr' of training; use one of epochs,",
        "fusions: [rna]\\n"
            + "training: {learning_rate: fast}| 5: learning_rate needs a number but has 'fast'.",
        "fusions: [rna, rna]| 4: two of them are called 'rna'; give one another name.",
        "baselines: [kmers]| 4: unknown baseline 'kmers' (did you mean kmer?); use one of"
            + " codon-usage,",
        "baselines: [{baseline: kmer, epochs: 3}]| 4: epochs changes nothing in kmer; remove it.",
        "name: x| 1: compares nothing; list fusions, baselines or both.",
        "fusions: [rna]\\n"
            + "keep_models: sometimes| 5: keep_models needs true or false but has 'sometimes'.",
        "fusions: [rna| 5: is not YAML (",
        "seeds: []| 4: seeds needs a list such as [a, b] but has an empty one.",
        "fusions: [{fusion: mil, lambda: []}]| 4: lambda needs a list such as [a, b] but has an"
            + " empty one.",
      })
  void whatIsWrongIsSaidWithItsLine(String end, String message) {
    String yaml =
        """
        data:
          - {name: A, file: data.csv}
        encoders: {rna: here, protein: there}
        """
            + end.replace("\\n", "\n")
            + "\n";

    CodonfuseException failure = assertThrows(CodonfuseException.class, () -> plan(yaml));

    String expected = folder.resolve("plan.yaml") + ":" + message;
    assertTrue(failure.getMessage().startsWith(expected), failure.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data: nothing.csv\\n"
            + "baselines: [kmer]| 1: @nothing.csv: there is no such file; correct the path or say"
            + " with --data where it is.",
        "baselines: [kmer]| 1: 'data' is missing; list data sets, or give one with --data.",
        "data: {name: A}\\n"
            + "baselines: [kmer]| 1: 'file' is missing; give the sequences with their targets.",
        "data: {file: data.csv, split: half}\\n"
            + "baselines: [kmer]| 1: --split half is not understood;",
        "data: {file: data.csv, labels: none.csv}\\n"
            + "baselines: [kmer]| 1: @none.csv: there is no such file; correct the path.",
        "data: {file: \"a\\0.csv\"}\\nbaselines: [kmer]| 1: file is no path (Nul character not"
            + " allowed); correct it.",
        "data: {file: data.csv, split: \"cluster:0.8,0.1\"}\\n"
            + "folds: 5\\n"
            + "baselines: [kmer]| 1: split changes nothing in an experiment with folds, which are"
            + " random; remove it.",
        "data: {file: data.csv, published: covvac}\\n"
            + "baselines: [kmer]| 1: unknown data set 'covvac' (did you mean cov-vac?);",
        "data: data.csv\\n"
            + "fusions: [rna]| 1: 'encoders' is missing; name models of dna, rna and protein.",
        "data: data.csv\\n"
            + "encoders: {rnas: a}\\n"
            + "fusions: [rna]| 2: unknown key 'rnas' of encoders (did you mean rna?);",
        "data: data.csv\\nencoders: {rna: nowhere}\\nfusions: [rna]| 2: 'nowhere' is no model.",
        "data: data.csv\\n"
            + "encoders: {rna: {../x: a}}\\n"
            + "fusions: [rna]| 2: '../x' cannot be the name of an encoder;",
        "data: data.csv\\n"
            + "encoders: {rna: {dna: a}, dna: b}\\n"
            + "fusions: [mil]| 2: Two encoders are named 'dna';",
        "data: data.csv\\n"
            + "encoders: {rna: a}\\n"
            + "fusions: [mil]| 3: mil needs at least two encoders of dna, rna, protein, which"
            + " 'encoders' does not have.",
        "data: data.csv\\n"
            + "encoders: {rna: [a, b]}\\n"
            + "fusions: [rna]| 3: --fusion rna reads one encoder and has 2;",
      })
  void whatIsMissingIsSaidWithItsLine(String yaml, String message) {
    CodonfuseException failure =
        assertThrows(CodonfuseException.class, () -> plan(yaml.replace("\\n", "\n") + "\n"));

    String expected = folder.resolve("plan.yaml") + ":" + message.replace("@", folder + "/");
    assertTrue(failure.getMessage().startsWith(expected), failure.getMessage());
  }
}

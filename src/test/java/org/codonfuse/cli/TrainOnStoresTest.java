package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.run.TestRuns;
import org.codonfuse.weights.Sha256;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code embed} first, then {@code train}, {@code evaluate} and {@code predict} on the stores. */
@RequiresTorch
class TrainOnStoresTest {
  @TempDir private static Path folder;

  private static RunCommandsFixture fixture;

  @BeforeAll
  static void embedOnce() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    for (Molecule molecule : Molecule.values()) {
      String name = molecule.label();
      embed(name, name + "-tokens", "--pool=none");
      embed(name, name + "-codons", molecule == Molecule.DNA ? "--pool=window" : "--pool=codon");
    }
    embed("rna", "rna-layer-0", "--layer=0");
    embed("rna", "rna-half", "--precision=float16");
    Files.writeString(
        folder.resolve("some.csv"),
        String.join("\n", Files.readAllLines(fixture.data()).subList(0, 31)) + "\n");
    assertEquals(0, embedOf("some.csv", "rna", "rna-some").code());
  }

  private static void embed(String model, String store, String... options) {
    Said said = embedOf("data.csv", model, store, options);
    assertEquals(0, said.code(), said.err());
  }

  private static Said embedOf(String data, String model, String store, String... options) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "embed",
                "--model=@" + model,
                "--input=@" + data,
                "--output=@" + store,
                "--backend=torch")); // Training computes with it, to the last digit.
    args.addAll(List.of(options));
    return fixture.call(args.toArray(String[]::new));
  }

  private static Said train(String run, String... options) {
    Said said = trained(run, options);
    assertEquals(0, said.code(), said.err());
    return said;
  }

  private static Said trained(String run, String... options) {
    return fixture.train(
        Stream.concat(Stream.of("--output=@" + run), Stream.of(options)).toArray(String[]::new));
  }

  private static JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(file).toFile());
  }

  private static double[] predictions(String file) throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve(file));
    int column = lines.getFirst().split(",").length - 1;
    return lines.stream()
        .skip(1)
        .mapToDouble(line -> Double.parseDouble(line.split(",")[column]))
        .toArray();
  }

  @Test
  void storesGiveTheModelThatTheirEncodersGive() throws IOException {
    train("by-models", "--fusion=concat", "--dna=@dna", "--protein=@protein");
    train(
        "by-stores",
        "--fusion=concat",
        "--dna=@dna-codons",
        "--rna=@rna-codons",
        "--protein=@protein-codons");
    train(
        "by-tokens",
        "--fusion=concat",
        "--dna=@dna-tokens",
        "--rna=@rna-codons",
        "--protein=@protein");

    for (String file : List.of("metrics.json", "predictions.csv", "model.safetensors")) {
      assertEquals(
          -1,
          Files.mismatch(folder.resolve("by-models/" + file), folder.resolve("by-stores/" + file)));
    }
    assertArrayEquals(
        predictions("by-models/predictions.csv"), predictions("by-tokens/predictions.csv"), 1e-3);
  }

  @Test
  void oneModalityReadsTheTokensOfAStore() throws IOException {
    train("rna-by-model");
    train("rna-by-store", "--rna=@rna-tokens");

    assertEquals(json("rna-by-model/metrics.json"), json("rna-by-store/metrics.json"));
  }

  @Test
  void theRunRecordsTheModelTheLayerAndTheStore() throws IOException {
    train("recorded", "--rna=@rna-layer-0");

    JsonNode stream = json("recorded/config.json").at("/streams/0");
    JsonNode manifest = json("rna-layer-0/manifest.json");
    assertEquals(folder + "/rna-layer-0", stream.at("/embedding/store").asText());
    assertEquals("0", stream.at("/embedding/layer").asText());
    assertEquals(manifest.at("/model/id").asText(), stream.at("/encoder").asText());
    assertEquals(manifest.at("/model/sha256").asText(), stream.at("/fingerprint").asText());
  }

  /** The recorded model, the model given, a store given. */
  @ParameterizedTest
  @CsvSource({
    "rna-tokens,''", "rna-tokens,@rna", "rna-tokens,@rna-tokens",
    "rna-layer-0,''", "rna-layer-0,@rna", "rna-layer-0,@rna-layer-0",
    "rna-half,''", "rna-half,@rna-half", "rna-half,@rna-tokens"
  })
  void aRunOnAStorePredictsFromItsModelOrAStore(String store, String given) throws IOException {
    String run = "run-" + store;
    if (Files.notExists(folder.resolve(run))) {
      train(run, "--rna=@" + store);
    }
    List<String> args =
        new ArrayList<>(
            List.of(
                "predict", "@" + run, "--input=@data.csv", "--output=@out.csv", "--cache=@cache"));
    if (!given.isEmpty()) {
      args.add("--rna=" + given);
    }

    Said said = fixture.call(args.toArray(String[]::new));

    assertEquals(0, said.code(), said.err());
    boolean rounded = store.equals("rna-half") && given.equals("@rna-tokens");
    assertArrayEquals(
        predictions(run + "/predictions.csv"), predictions("out.csv"), rounded ? 1e-2 : 1e-5);
  }

  @Test
  void aRunByAnEncoderPredictsFromAStore() throws IOException {
    train("by-encoder");

    Said said =
        fixture.call("evaluate", "@by-encoder", "--data=@data.csv", "--rna=@rna-tokens", "--json");

    assertEquals(0, said.code(), said.err());
    JsonNode expected = json("by-encoder/metrics.json").at("/test/spearman");
    assertEquals(
        expected.asDouble(),
        new ObjectMapper().readTree(said.out()).at("/test/spearman").asDouble(),
        1e-9);
  }

  private static void assertRefused(int code, String fragment, Said said) {
    assertEquals(code, said.code(), said.err());
    String message = said.err().lines().toList().getLast();
    assertTrue(message.contains(fragment.replace("@", folder + "/")), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--rna=@rna-some | @data.csv:32: the rna of sequence 's30' (and of 29 others) is not in the"
            + " store @rna-some; make one that has it with 'codonfuse embed --model @rna --input"
            + " @data.csv --output STORE --pool none'.",
        "--rna=@protein-tokens | @protein-tokens: a store of protein embeddings was given as --rna",
        "--rna=@rna-codons | @rna-codons: has a row for every codon (--pool codon) where the model"
            + " reads a row for every token; embed again with --pool none.",
        "--precision=float8 | float8",
        "--rna=@rna-tokens --precision=float16 | --precision is for encoders; leave it out"
      })
  void trainingRefusesWhatDoesNotFit(String option, String fragment) {
    Said said = trained("refused", option.split(" "));
    assertRefused(option.contains("--precision") ? 2 : 1, fragment, said);
    assertTrue(Files.notExists(folder.resolve("refused")));
  }

  @Test
  void predictingRefusesOtherEncodersAndLayers() throws IOException {
    train("last", "--rna=@rna-tokens");
    TestRuns.encoders(folder.resolve("others"), 2);
    embed("others/rna", "other-tokens");

    String[] predict = {"predict", "@last", "--input=@data.csv", "--output=@no.csv", ""};
    predict[4] = "--rna=@other-tokens";
    assertRefused(
        1, "@other-tokens: is a store of another encoder than the one that", fixture.call(predict));
    predict[4] = "--rna=@rna-layer-0";
    assertRefused(
        1,
        "@rna-layer-0: has rows of layer 0 where @last was trained on layer last; give a store",
        fixture.call(predict));
    assertTrue(Files.notExists(folder.resolve("no.csv")));
  }

  @Test
  void aModelThatIsGoneIsAskedFor() throws IOException {
    TestRuns.encoders(folder.resolve("gone"), 1);
    embed("gone/rna", "gone-tokens");
    train("of-gone", "--rna=@gone-tokens");
    Files.move(folder.resolve("gone"), folder.resolve("elsewhere"));

    String[] evaluate = {"evaluate", "@of-gone", "--data=@data.csv"};
    assertRefused(
        1,
        "@gone/rna: the rna encoder of @of-gone is not there; give its model directory, or a store"
            + " of the sequences' embeddings, with --rna.",
        fixture.call(evaluate));
    Said said =
        fixture.call("evaluate", "@of-gone", "--data=@data.csv", "--rna=@gone-tokens", "--quiet");
    assertEquals(0, said.code(), said.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bfloat16", "float16"})
  void encodersComputeInThePrecisionAskedFor(String precision) throws IOException {
    train("in-" + precision, "--precision=" + precision);

    JsonNode embedding = json("in-" + precision + "/config.json").at("/streams/0/embedding");
    assertEquals(precision, embedding.at("/stored").asText().toLowerCase(java.util.Locale.ROOT));
    Said said =
        fixture.call(
            "predict",
            "@in-" + precision,
            "--input=@data.csv",
            "--output=@p.csv",
            "--cache=@cache",
            "--backend=torch"); // As training: rounded to 16 bits, last digits would show.
    assertEquals(0, said.code(), said.err());
    assertArrayEquals(
        predictions("in-" + precision + "/predictions.csv"), predictions("p.csv"), 1e-6);
  }

  private static Said align(String... options) {
    List<String> args = new ArrayList<>(List.of("align", "--input=@data.csv", "--shard=none"));
    args.addAll(List.of(options));
    return fixture.call(args.toArray(String[]::new));
  }

  @Test
  void trainingAndPredictingRefuseAnAlignedStore() {
    Said aligned = align("--dna=@dna-tokens", "--rna=@rna-tokens", "--output=@aligned");
    assertEquals(0, aligned.code(), aligned.err());
    String refusal =
        "@aligned: is an aligned store (codons of dna, rna) where --rna takes the store of one"
            + " encoder; give those that it was aligned from with --dna, --rna.";
    assertRefused(1, refusal, trained("refused", "--rna=@aligned"));
    train("unimodal");
    assertRefused(
        1,
        refusal,
        fixture.call(
            "predict", "@unimodal", "--input=@data.csv", "--output=@no.csv", "--rna=@aligned"));
    assertRefused(
        1,
        "@unimodal: has no transposed convolution that could be used (it reads no DNA); give a run",
        align("--dna=@dna-tokens", "--run=@unimodal", "--output=@no"));
    assertTrue(Files.notExists(folder.resolve("no")));
  }

  @Test
  void aRunTakesWindowsOfItsEncoderApart() throws IOException {
    train("apart", "--fusion=concat", "--dna=@dna-tokens", "--rna=@rna-tokens");

    Said said = align("--dna=@dna-tokens", "--run=@apart", "--output=@codons", "--json");

    assertEquals(0, said.code(), said.err());
    assertEquals(16, new ObjectMapper().readTree(said.out()).get("width").intValue());
    assertEquals(
        Sha256.of(folder.resolve("apart/model.safetensors")),
        json("codons/manifest.json").at("/streams/0/windows").textValue());
    TestRuns.encoders(folder.resolve("strangers"), 2);
    embed("strangers/dna", "strange-tokens");
    assertRefused(
        1,
        "@strange-tokens: is a store of another encoder than the one that @apart was trained with",
        align("--dna=@strange-tokens", "--run=@apart", "--output=@no"));
  }
}

package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.torch.RequiresTorch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RequiresTorch
class PretrainCommandTest {
  private static final String CONFIG =
      """
      {"model_type": "rnafm", "hidden_size": 16, "num_hidden_layers": 1,
       "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 25, "pad_token_id": 1,
       "mask_token_id": 24, "max_position_embeddings": 1026, "layer_norm_eps": 1e-05,
       "position_embedding_type": "absolute", "emb_layer_norm_before": true}
      """;

  @TempDir private static Path folder;

  private static RunCommandsFixture fixture;

  @BeforeAll
  static void prepare() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    Files.writeString(folder.resolve("rna.json"), CONFIG);
    Files.writeString(folder.resolve("other.json"), CONFIG.replace(": 25", ": 26"));
    Files.writeString(folder.resolve("broken.json"), CONFIG.replace("1e-05", "one"));
    Files.writeString(folder.resolve("proteins.fasta"), ">a\nMELPQ\n>b\nMKKELPQ\n");
    Files.writeString(
        folder.resolve("notraining.csv"), "Sequence,Split\nACGACG,val\nACGACC,test\n");
    Files.writeString(folder.resolve("unknown.fasta"), ">a\nJJJ\n>b\n**\n>c\nJ*J\n");
  }

  private static Said pretrain(String... options) {
    List<String> args = new ArrayList<>(List.of("pretrain", "--input=@data.csv"));
    args.addAll(List.of(options));
    if (args.stream().filter(arg -> arg.startsWith("--input")).count() > 1) {
      args.remove(1);
    }
    if (args.stream().noneMatch(arg -> arg.startsWith("--output"))) {
      args.add("--output=@out/bad");
    }
    return fixture.call(args.toArray(String[]::new));
  }

  @Test
  void whatItWritesIsAnEncoderForOtherCommands() throws IOException {
    Said said =
        pretrain(
            "--config=@rna.json", "--epochs=2", "--output=@encoder", "--molecule=rna", "--json");

    assertEquals(0, said.code(), said.err());
    JsonNode json = new JsonMapper().readTree(said.out());
    assertTrue(json.at("/validation/perplexity").doubleValue() > 1);
    assertTrue(json.at("/validation/unigram_perplexity").doubleValue() > 1);
    assertEquals(2, json.at("/epochs").intValue());
    Said verified = fixture.call("models", "verify", "@encoder");
    assertEquals(0, verified.code(), verified.err());
    Said trained = fixture.train("--rna=@encoder", "--output=@out/trained");
    assertEquals(0, trained.code(), trained.err());

    Said again = pretrain("--config=@rna.json", "--output=@encoder");
    assertEquals(2, again.code());
    assertTrue(again.err().contains("a pretrained encoder exists there"), again.err());
    Said finished = pretrain("--config=@rna.json", "--output=@encoder", "--resume");
    assertEquals(0, finished.code(), finished.err());
    assertTrue(finished.out().contains("is finished"), finished.out());
    Said replaced =
        pretrain(
            "--model=@encoder",
            "--epochs=1",
            "--schedule=cosine",
            "--output=@encoder",
            "--overwrite",
            "--quiet");
    assertEquals(0, replaced.code(), replaced.err());
    assertTrue(replaced.out().contains("unigram perplexity"), replaced.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --epochs=1                              | 2 | Give either a --model to go on with or the
          --config=@rna.json --model=@rna         | 2 | Give either a --model to go on with or the
          --config=@nowhere.json                  | 1 | nowhere.json: cannot be read
          --config=@other.json                    | 1 | vocab_size 26, pad_token_id 1
          --config=@broken.json                   | 1 | broken.json:3: not valid JSON
          --config=@rna.json --lora               | 2 | leave it out with --config, or give a --model
          --config=@rna.json --freeze-layers=1    | 2 | --freeze-layers keeps what was learned
          --config=@rna.json --molecule=protein   | 2 | rna.json, which reads RNA
          --config=@rna.json --molecule=lipid     | 2 | --molecule lipid is unknown
          --config=@rna.json --lora-rank=4        | 2 | add --lora, or leave out --targets, --rslora
          --config=@rna.json --micro-batch=0      | 2 | --micro-batch 0 is too small
          --config=@rna.json --split=stratified:0.7,0.1 | 2 | by targets
          --config=@rna.json --input=@notraining.csv    | 1 | the train split has no sequence of the 2
          --config=@rna.json --input=@proteins.fasta    | 1 | proteins.fasta:1: the sequence has 'E'
          --config=esm2-8m --input=@unknown.fasta --molecule=protein | 1 | the train split has no seq
          --model=@nowhere                        | 1 | nowhere
          --model=@rna --lora                     | 2 | which --lora would leave as it is
          --model=@rna --lora --lora-rank=0       | 2 | The LoRA rank is 0 and must be at least 1
          --config=esm2-15b --molecule=rna        | 1 | use a device with more, a smaller --config.
          --model=@rna --freeze-layers=9          | 2 | 9 layers are to be frozen, where
          """)
  void badInputIsOneSentence(String options, int code, String expected) throws IOException {
    var before = fixture.contents();

    Said said = pretrain(options.split(" +"));

    assertEquals(code, said.code(), said.err());
    assertTrue(said.err().contains(expected), said.err());
    assertFalse(said.err().contains("\tat "), said.err());
    assertEquals(before, fixture.contents());
  }

  @Test
  void hasDefaultsOfItsOwn() {
    String help = fixture.call("pretrain", "--help").out().replaceAll("\\s+", " ");

    assertTrue(help.contains("Adam's learning rate (default: 4e-4)"), help);
    assertTrue(help.contains("Epochs at most (default: 100)"), help);
    assertTrue(help.contains("0 is no limit (default: 1)"), help);
    assertTrue(
        fixture
            .call("train", "--help")
            .out()
            .toLowerCase(Locale.ROOT)
            .contains("learning rate (default: 3e-5)"));
  }
}

package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.codonfuse.cli.RunCommandsFixture.Said;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.torch.RequiresTorch;
import org.codonfuse.training.run.TestRuns;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people get wrong: one sentence with the place and the remedy, and nothing half-written. */
@RequiresTorch
class BadInputTest {
  @TempDir private static Path folder;

  private static RunCommandsFixture fixture;

  @BeforeAll
  static void prepare() throws IOException {
    fixture = RunCommandsFixture.create(folder);
    files();
    encoders();
    assertEquals(0, fixture.train("--output=@trained").code());
    damage("trained", "run-truncated", bytes -> Arrays.copyOf(bytes, bytes.length - 4));
    tensors("trained", "run-missing", tensors -> tensors.remove("head.output.bias"));
  }

  private static void files() throws IOException {
    String csv = TestRuns.csv();
    write("empty.csv", "");
    write("header.csv", "Id,Sequence,Value,Split\n");
    write("nosequence.csv", csv.replaceFirst("Sequence", "Text"));
    write("notarget.csv", csv.replaceFirst("Value", "Other"));
    write("nonnumeric.csv", csv.replaceFirst("(s03,\\w+),[0-9.]+", "$1,fast"));
    write("missingtarget.csv", csv.replaceFirst("(s03,\\w+),[0-9.]+", "$1,"));
    write("constant.csv", csv.replaceAll(",1[0-9.]+,", ",3,"));
    write("onetest.csv", csv.replace(",test", ",train").replaceFirst(",train", ",test"));
    write("notest.csv", csv.replace(",test", ",train"));
    write("badsplit.csv", csv.replaceFirst("train", "holdout"));
    write("badletter.csv", csv.replaceFirst("(s02,AUG)A?", "$1!"));
    write("duplicate.csv", csv.replaceFirst("s04", "s03"));
    write("cells.csv", csv.replaceFirst("(s05,\\w+,[0-9.]+)", "$1,1,2"));
    Files.write(folder.resolve("binary.csv"), new byte[] {1, 0, 2, 0});
    write("file", "a file where a directory is needed");
  }

  private static void encoders() throws IOException {
    damage("rna", "truncated", bytes -> Arrays.copyOf(bytes, bytes.length - 7));
    damage("rna", "short", bytes -> Arrays.copyOf(bytes, 5));
    damage("rna", "trailing", bytes -> Arrays.copyOf(bytes, bytes.length + 8));
    damage("rna", "nojson", bytes -> header(bytes, text -> "x" + text.substring(1)));
    damage("rna", "overlap", bytes -> header(bytes, text -> text.replaceFirst("\\[0,", "[4,")));
    damage("rna", "huge", BadInputTest::hugeHeader);
    damage("rna", "type", bytes -> header(bytes, text -> text.replaceFirst("\"F32\"", "\"Q32\"")));
    tensors("rna", "missing", tensors -> tensors.remove(first(tensors, "query.weight")));
    tensors("rna", "unknown", tensors -> tensors.put("nobody.knows", zeros(2)));
    tensors("rna", "shape", tensors -> tensors.put(first(tensors, "query.weight"), zeros(2)));
    for (String name : List.of("config.json", "vocab.txt", "model.safetensors")) {
      Files.delete(
          TestRuns.copy(folder.resolve("rna"), folder.resolve("no-" + name)).resolve(name));
    }
    Path config =
        TestRuns.copy(folder.resolve("rna"), folder.resolve("widths")).resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config).replaceFirst("\"hidden_size\" : 16", "\"hidden_size\" : 24"));
  }

  private static void write(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  private static void damage(String from, String to, UnaryOperator<byte[]> damage)
      throws IOException {
    Path file =
        TestRuns.copy(folder.resolve(from), folder.resolve(to)).resolve("model.safetensors");
    Files.write(file, damage.apply(Files.readAllBytes(file)));
  }

  private static byte[] header(byte[] bytes, UnaryOperator<String> change) {
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String changed = change.apply(new String(bytes, 8, length, StandardCharsets.UTF_8));
    System.arraycopy(changed.getBytes(StandardCharsets.UTF_8), 0, bytes, 8, length);
    return bytes;
  }

  private static byte[] hugeHeader(byte[] bytes) {
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 40);
    return bytes;
  }

  private interface Change {
    void of(Map<String, TensorData> tensors);
  }

  private static void tensors(String from, String to, Change change) throws IOException {
    Path directory = TestRuns.copy(folder.resolve(from), folder.resolve(to));
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    try (SafetensorsFile source =
        SafetensorsFile.open(folder.resolve(from).resolve("model.safetensors"))) {
      for (String name : source.names()) {
        tensors.put(name, TensorData.of(source.info(name).shape(), source.floats(name)));
      }
    }
    change.of(tensors);
    SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors);
  }

  private static String first(Map<String, TensorData> tensors, String end) {
    return tensors.keySet().stream().filter(name -> name.endsWith(end)).findFirst().orElseThrow();
  }

  private static TensorData zeros(int size) {
    return TensorData.of(Shape.of(size), new float[size]);
  }

  /** Says so in one sentence, in the end, and leaves the folder as it was. */
  private static void assertRefused(int code, List<String> fragments, String... args)
      throws IOException {
    Map<String, Long> before = fixture.contents();

    Said said =
        args[0].equals("train")
            ? fixture.train(Arrays.copyOfRange(args, 1, args.length))
            : fixture.call(args);

    List<String> lines = said.err().lines().toList();
    String message = lines.isEmpty() ? "" : lines.getLast();
    assertEquals(code, said.code(), said.err());
    assertEquals("", said.out());
    assertTrue(message.startsWith("codonfuse: "), said.err());
    assertEquals(
        1, lines.stream().filter(line -> line.startsWith("codonfuse: ")).count(), said.err());
    assertFalse(said.err().contains("\tat "), said.err());
    assertFalse(message.contains("unexpected failure") || message.contains("Exception"), message);
    for (String fragment : fragments) {
      String expected = fragment.strip().replace("@", folder + "/");
      assertTrue(message.contains(expected), () -> message + "\nlacks: " + expected);
    }
    assertEquals(code == 2, message.contains(" --help'."), message);
    assertEquals(before, fixture.contents());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "absent.csv | @absent.csv: cannot be read (no such file or directory)",
        "file/x.csv | @file/x.csv: cannot be read",
        "empty.csv | @empty.csv: is empty; give a CSV or FASTA file.",
        "header.csv | @header.csv: ; row",
        "nosequence.csv | @nosequence.csv: no column is named like a sequence ; --sequence-column",
        "notarget.csv | @notarget.csv: no column is named like a target ; --target-column",
        "nonnumeric.csv | @nonnumeric.csv:5: the target 'fast' ; is not a number; correct it",
        "missingtarget.csv | @missingtarget.csv:5: the target ; is empty; fill it in or remove",
        "constant.csv | @constant.csv: target column 'Value' is constant (3.0 ; --target-column",
        "onetest.csv | @onetest.csv: the test split has 1 row of the 60 and needs at least 2; add",
        "notest.csv | @notest.csv: the test split has no rows of the 60 and needs at least 2; add",
        "badsplit.csv | @badsplit.csv:2: 'holdout' in column 'Split' is no split; write train",
        "badletter.csv | @badletter.csv:4: ; '!'",
        "duplicate.csv | @duplicate.csv:6: the identifier 's03' is that of line 5 too; make it",
        "cells.csv | @cells.csv:7: ; cells",
        "binary.csv | @binary.csv: is a binary file; give text in UTF-8, plain or gzip."
      })
  void data(String file, String fragments) throws IOException {
    assertRefused(1, List.of(fragments.split(" ; ")), "train", "--data=@" + file);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "truncated | @truncated/model.safetensors: ; again",
        "short | @short/model.safetensors: ",
        "trailing | @trailing/model.safetensors: ",
        "nojson | @nojson/model.safetensors: ",
        "overlap | @overlap/model.safetensors: ",
        "huge | @huge/model.safetensors: ",
        "type | @type/model.safetensors: ; Q32",
        "missing | @missing/model.safetensors: the tensor for 'layer.0.attention.query.weight' is"
            + " missing; the file is damaged or config.json belongs to another model.",
        "unknown | @unknown/model.safetensors: tensor 'nobody.knows' is not part of any known",
        "shape | @shape/model.safetensors: tensor ; has shape [2] where config.json asks for [16",
        "widths | @widths/model.safetensors: tensor ; belong to different models.",
        "no-config.json | @no-config.json/config.json: cannot be read (no such file ; directory",
        "no-vocab.txt | @no-vocab.txt/vocab.txt: ; no such file or directory",
        "no-model.safetensors | @no-model.safetensors/model.safetensors: ; no such file",
        "absent | @absent: no such model directory; give one with config.json, vocab.txt and",
        "file | @file: no such model directory; give one with config.json, vocab.txt and",
        "dna | @dna: an encoder of dna was given as --rna; give it as --dna."
      })
  void encoders(String directory, String fragments) throws IOException {
    assertRefused(1, List.of(fragments.split(";")), "train", "--rna=@" + directory);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--output=@trained | 2 | @trained: a run exists there; choose another --output or add"
            + " --overwrite",
        "--output=@rna --overwrite | 2 | @rna: exists and is not a run; choose another --output",
        "--output=@file | 2 | @file: exists and is not a run; choose another --output",
        "--output=@file/run | 1 | @file/run: cannot be written ( ; ); choose another --output.",
        "--fusion=sum | 2 | Unknown fusion 'sum'; use one of concat, mil, cross-attention,"
            + " concat-unaligned, dna, rna, protein",
        "--head=tail | 2 | Unknown head 'tail'; use one of textcnn, mlp",
        "--backend=abacus | 2 | Unknown backend 'abacus'; use auto or one of torch,",
        "--backend=scalar | 1 | it cannot compute gradients, use --backend torch",
        "--device=gpu | 2 | Unknown device 'gpu'; use auto, cpu, cuda or cuda:N",
        "--device=cuda:99 | 1 | cuda:99",
        "--device=cpu --tf32 | 2 | --tf32 is for CUDA devices and backend torch would compute on"
            + " the CPU; leave it out",
        "--task=ranking | 2 | --task ranking is unknown; give auto, regression or classification",
        "--rna= | 2 | --fusion rna needs an encoder; give its model directory with --rna",
        "--rna= --fusion=concat | 2 | with --dna and/or --rna and/or --protein",
        "--rna= --dna=@dna | 2 | --fusion rna reads no dna; leave out --dna or choose another",
        "--protein=@protein | 2 | --fusion rna reads no protein; leave out --protein or choose",
        "--dna-dim=8 | 2 | dna-dim is for the fusion concat and changes nothing in rna; leave it",
        "--dna-dim=8 --fusion=concat | 2 | dna-dim changes nothing without --dna; leave it out",
        "--upsample=list1 --fusion=concat | 2 | upsample changes nothing without --dna; leave it",
        "--upsample=list2 --fusion=concat | 2 | --upsample list2 is not known; use exact or list1",
        "--fusion=mil | 2 | --fusion mil needs at least two encoders and has one; give",
        "--fusion=mil --rna= | 2 | --fusion mil needs at least two encoders; give its model",
        "--rna=@rna --rna=b=@other | 2 | --fusion rna reads one encoder and has 2; give one, or"
            + " fuse them",
        "--fusion=mil --rna=@rna --rna=rna=@other | 2 | Two encoders are named 'rna'; name them, as"
            + " in --rna",
        "--fusion=mil --protein=@p --rna=A=@other | 2 | 'A' cannot be the name of an encoder; use"
            + " up to 32 of",
        "--fusion=mil --protein=@p --rna=fused=@other | 2 | 'fused' cannot be the name of an"
            + " encoder",
        "--fusion=mil --entropy-weight=-1 | 2 | --entropy-weight",
        "--gate-dim=8 | 2 | gate-dim is for the fusion mil and changes nothing in rna; leave it",
        "--fusion=cross-attention --attention-heads=7 | 2 | a width of 600 cannot be divided among",
        "--channels=8 | 2 | --channels is for --head textcnn; leave it out",
        "--data= | 2 | Missing required option: '--data=FILE'",
        "--output= | 2 | Missing required option: '--output=RUN'",
        "--target-column=Speed | 2 | @data.csv: ; Speed ; --target-column",
        "--labels=@data.csv | 2 | @data.csv: is no FASTA file, which --labels is for",
        "--split=column --split-column=Part | 2 | @data.csv: ; Part ; --split-column",
        "--fusoin=rna | 2 | Unknown option '--fusoin=rna' (did you mean --fusion",
        "--genetic-code=7 | 2 | there is no NCBI genetic code 7; choose one of 1, 2, 3,",
        "--split=random:0.9,0.2 | 2 | split shares 0.9 and 0.2 leave nothing for a part; give",
        "--split=kfold:5/5 | 2 | fold 5 of 5 cannot be; give at least 3 folds and count them from",
        "--split=kfold:0/2 | 2 | fold 0 of 2 cannot be",
        "extra | 2 | Unexpected argument 'extra'"
      })
  void options(String options, int code, String fragments) throws IOException {
    assertRefused(code, List.of(fragments.split(" ; ")), ("train " + options).strip().split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "--epochs, 0 -1 1.5 x",
    "--batch, 0 -3 x",
    "--learning-rate, 0 -1 11 NaN x",
    "--weight-decay, -1e-5 NaN x",
    "--patience, 0 x",
    "--channels, 0 x",
    "--head-dim, 0 x",
    "--dna-dim, 0 x",
    "--dropout, -0.1 1 NaN x",
    "--max-length, 2 -1 x",
    "--genetic-code, x 1.5",
    "--seed, x 1.5",
    "--threads, -1 x",
    "--split, rows random: random:0.5 random:a random:a;b kfold: kfold:1 kfold:a/b"
  })
  void numbers(String option, String values) throws IOException {
    for (String value : values.split(" ")) {
      assertRefused(2, List.of(option), "train", option + "=" + value);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "evaluate @absent --data=@data.csv | 1 | @absent/config.json: cannot be read (no such ; na"
            + "me a directory that 'codonfuse train' wrote.",
        "evaluate @rna --data=@data.csv | 1 | @rna/config.json: not the configuration of a run (",
        "evaluate @trained --data=@absent.csv | 1 | @absent.csv: cannot be read",
        "evaluate @trained --data=@nonnumeric.csv | 1 | @nonnumeric.csv:5: the target 'fast'",
        "evaluate @trained --data=@notarget.csv | 1 | @notarget.csv: no column is named like a",
        "evaluate @trained --data=@data.csv --rna=@protein | 1 | @protein: an encoder of protein",
        "evaluate @trained --data=@data.csv --rna=@absent | 1 | @absent: ; --rna",
        "evaluate @run-truncated --data=@data.csv | 1 | @run-truncated/model.safetensors: ",
        "evaluate @run-missing --data=@data.csv | 1 | @run-missing/model.safetensors: tensor"
            + " 'head.output.bias' is missing; the file belongs to another model or is damaged.",
        "evaluate --data=@data.csv | 2 | Missing required parameter: 'RUN'",
        "evaluate @trained | 2 | Missing required option: '--data=FILE'",
        "predict @trained --input=@empty.csv --output=@p.csv | 1 | @empty.csv: is empty",
        "predict @trained --input=@badletter.csv --output=@p.csv | 1 | @badletter.csv:4: ",
        "predict @trained --input=@data.csv --output=@file/p.csv | 2 | @file/p.csv: the directory"
            + " @file cannot be written to; choose another --output",
        "predict @trained --input=@data.csv --output=@rna | 2 | @rna: is a directory; name a file",
        "predict @trained --input=@data.csv --output=@no/p.csv | 2 | @no/p.csv: the directory @no",
        "predict @trained --input=@data.csv --output=@data.csv | 2 | @data.csv: is the input; name",
        "predict @trained --input=@data.csv --output=@trained/config.json | 2 | lies in the run;"
            + " name",
        "predict @run-truncated --input=@data.csv --output=@p.csv | 1 | @run-truncated/model.",
        "demo --output=@file | 1 | @file: cannot be made (a file is in the way); choose another",
        "demo --output=@new --backend=scalar | 1 | @new/runs/concat: no demonstration left ; it"
            + " cannot compute gradients ; run 'codonfuse demo' where LibTorch is"
      })
  void otherCommands(String command, int code, String fragments) throws IOException {
    String[] args = (command + (command.startsWith("demo") ? "" : " --cache=@cache")).split(" ");

    assertRefused(code, List.of(fragments.split(" ; ")), args);
  }

  @Test
  void aTamperedEncoderIsNotTheTrainedOne() throws IOException {
    damage(
        "rna",
        "tampered",
        bytes -> {
          bytes[bytes.length - 1] ^= 1;
          return bytes;
        });

    assertRefused(
        1,
        List.of("@tampered: is not the encoder that @trained was trained with", "with --rna."),
        "predict",
        "@trained",
        "--input=@data.csv",
        "--output=@p.csv",
        "--rna=@tampered");
  }

  @Test
  void aFailedPredictionKeepsTheEarlierFile() throws IOException {
    write("earlier.csv", "earlier");

    assertRefused(
        1,
        List.of("@badletter.csv:4: "),
        "predict",
        "@trained",
        "--input=@badletter.csv",
        "--output=@earlier.csv");
    assertEquals("earlier", Files.readString(folder.resolve("earlier.csv")));
  }

  @Test
  void theStackTraceIsShownWhenAskedFor() {
    Said said = fixture.train("--data=@empty.csv", "--verbose");

    assertEquals(1, said.code());
    assertTrue(said.err().contains("\tat org.codonfuse."), said.err());
  }
}

package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.codonfuse.TestBackends;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.RandomEncoder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchFinetuneCommandTest {
  private static final int PARAMETERS = 2 * 2 * 2 * (40 + 40);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private static Path model;

  @BeforeAll
  static void writeModel() {
    RandomEncoder.write(model, EncoderFamily.ESM2, EncoderFamily.ESM2.config(40, 2, 4, 64), 1);
  }

  @Test
  void everyLengthIsMeasuredInEveryPrecision() throws JsonProcessingException {
    TestBackends.missing("torch").ifPresent(Assumptions::abort);
    assertEquals(
        0, run("--tokens=4,9", "--precision=float32,bfloat16", "--mixed", "--json"), this::said);

    JsonNode measured = new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
    assertTrue(measured.get("backend").textValue().startsWith("torch: "));
    JsonNode results = measured.get("results");
    assertEquals(4, results.size());
    for (int i = 0; i < results.size(); i++) {
      JsonNode result = results.get(i);
      assertEquals(model.toString(), result.get("model").textValue());
      assertEquals(i % 2 == 0 ? "float32" : "bfloat16", result.get("precision").textValue());
      // Of 4 tokens 1, 2 and 4, of 9 tokens 3, 6 and 9.
      assertEquals(i < 2 ? 1 + 2 + 4 : 3 + 6 + 9, result.get("tokens").intValue());
      assertEquals(PARAMETERS, result.get("parameters").intValue());
      assertTrue(result.get("steps").intValue() >= 3);
      assertTrue(
          result.get("seconds").doubleValue() >= result.get("fastest_seconds").doubleValue());
    }
  }

  @Test
  void theTableHasALineForEveryLength() {
    TestBackends.missing("torch").ifPresent(Assumptions::abort);
    assertEquals(0, run("--tokens=3,5", "--full", "--gradient-checkpointing"), this::said);
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertTrue(lines.getFirst().startsWith("torch: "), lines.getFirst());
    assertEquals(4, lines.size());
    assertTrue(lines.get(1).startsWith("model "), lines.get(1));
    assertTrue(lines.getLast().startsWith(model.toString()), lines.getLast());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --model=nothing | 2 | 'nothing' is no preset and no model directory
          --tokens=0 | 2 | --tokens 0
          --tokens=2000 | 2 | --tokens 2000:
          --batch=0 | 2 | --batch 0
          --lora-rank=0 | 2 | The LoRA rank is 0 and must be at least 1
          --lora-dropout=1 | 2 | The LoRA dropout is 1.0
          --targets=quarry | 2 | quarry
          --precision=float16 | 2 | --precision float16 would lose small gradients
          --seconds=0 | 2 | --seconds 0.0 is out of range
          --backend=scalar | 1 | Training needs a backend with gradients for --backend scalar
          """)
  void wrongOptionsAreOneSentence(String options, int code, String message) {
    TestBackends.missing("torch").ifPresent(Assumptions::abort);
    assertEquals(code, run(options.split(" ")), this::said);
    String said = said();
    assertTrue(said.contains(message), said);
    assertEquals(1, said.lines().filter(line -> !line.isBlank()).count(), said);
    assertEquals(0, out.size());
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** Measures as little as possible; options of the same name replace these. */
  private int run(String... options) {
    Map<String, String> all =
        new TreeMap<>(
            Map.of(
                "--seconds", "0.01",
                "--model", model.toString(),
                "--tokens", "3",
                "--batch", "3",
                "--lora-rank", "2",
                "--threads", "2",
                "--quiet", "true"));
    for (String option : options) {
      String[] parts = option.split("=", 2);
      all.put(parts[0], parts.length == 1 ? "true" : parts[1]);
    }
    List<String> arguments = new ArrayList<>(List.of("bench", "finetune"));
    all.forEach((name, value) -> arguments.add(name + "=" + value));
    return Main.execute(printer(out), printer(err), arguments.toArray(String[]::new));
  }

  private static PrintStream printer(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}

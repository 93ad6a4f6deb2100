package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchKernelsCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @OnEveryBackend
  void kernelsOfEveryKindAreMeasured(String backend) throws JsonProcessingException {
    TestBackends.missing(backend).ifPresent(Assumptions::abort);
    String kernels =
        "codon-mean,window-mean,mean-pooling,max-pooling,masked-mean,cls,layer-norm,gelu,"
            + "self-attention,matmul";

    JsonNode results = measure("--backend=" + backend, "--kernel=" + kernels);

    assertEquals(
        List.of(backend),
        results.get("backends").properties().stream().map(Map.Entry::getKey).toList());
    // Pooling in three types of rows, attention at two shapes.
    assertEquals(6 * 3 + 2 + 2 + 1, results.get("results").size());
    for (JsonNode result : results.get("results")) {
      boolean memory = result.get("bound").textValue().equals("memory");
      assertTrue(kernels.contains(result.get("kernel").textValue()), result.toString());
      assertTrue(result.get("shape").textValue().startsWith("["), result.toString());
      assertTrue(result.get(memory ? "bytes_per_second" : "flops").doubleValue() > 0);
      assertTrue(result.get("calls").intValue() > 0);
      assertFalse(result.get("way").textValue().isBlank());
      assertEquals(results.get("machine_flops").isNull(), result.get("share").isNull());
      assertEquals(!backend.equals("torch"), result.get("torch_ratio").isNull());
    }
  }

  @Test
  void backendsAreComparedWithTorch() throws JsonProcessingException {
    TestBackends.missing("torch").ifPresent(Assumptions::abort);

    JsonNode results =
        measure("--backend=torch,scalar", "--kernel=codon-mean,conv-transpose1d").get("results");

    assertEquals(2 * (3 + 2), results.size());
    for (int i = 0; i < results.size(); i += 2) {
      JsonNode torch = results.get(i);
      JsonNode scalar = results.get(i + 1);
      assertEquals("torch", torch.get("backend").textValue());
      assertEquals("scalar", scalar.get("backend").textValue());
      assertEquals(torch.get("kernel"), scalar.get("kernel"));
      assertEquals(1, torch.get("torch_ratio").doubleValue());
      assertTrue(scalar.get("torch_ratio").doubleValue() > 0);
    }
    assertEquals("segmentSum", results.get(1).get("way").textValue());
  }

  @Test
  void theTableHasALineForEveryKernelAndBackend() {
    assertEquals(0, run("--backend=scalar", "--kernel=tanh,sigmoid"));
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertTrue(lines.getFirst().startsWith("scalar: "), lines.getFirst());
    for (String kernel : List.of("tanh", "sigmoid")) {
      assertEquals(
          1, lines.stream().filter(l -> l.startsWith(kernel + " ") && l.contains("GB/s")).count());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --kernel=codon-mean,codonmean | 2 | Unknown kernel 'codonmean'; use one or more of codon-mean, window-mean,
          --backend=scalar,tensorflow | 2 | Unknown backend 'tensorflow'; use one or more of torch,
          --backend=auto | 2 | Unknown backend 'auto'; use one or more of torch,
          --backend=scalar --device=cuda | 1 | scalar (cuda:0): it runs on the CPU only, use --device cpu
          --device=auto | 2 | all backends are measured on one device
          --device=tpu | 2 | Unknown device 'tpu'
          --seconds=0 | 2 | --seconds 0.0 is out of range
          --rows=0 | 2 | --rows 0
          """)
  void wrongOptionsAreOneSentence(String options, int code, String message) {
    assertEquals(code, run(options.split(" ")));
    String said = err.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains(message), said);
    assertEquals(1, said.lines().filter(line -> !line.isBlank()).count(), said);
    assertEquals(0, out.size());
  }

  private JsonNode measure(String... options) throws JsonProcessingException {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--json");
    int code = run(all.toArray(String[]::new));
    assertEquals(0, code, () -> err.toString(StandardCharsets.UTF_8));
    return new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
  }

  /** Measures as little as possible; options of the same name replace these. */
  private int run(String... options) {
    Map<String, String> all =
        new TreeMap<>(
            Map.of("--seconds", "0.01", "--rows", "1", "--threads", "2", "--quiet", "true"));
    for (String option : options) {
      String[] parts = option.split("=", 2);
      all.put(parts[0], parts.length == 1 ? "true" : parts[1]);
    }
    List<String> arguments = new ArrayList<>(List.of("bench", "kernels"));
    all.forEach((name, value) -> arguments.add(name + "=" + value));
    return Main.execute(printer(out), printer(err), arguments.toArray(String[]::new));
  }

  private static PrintStream printer(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}

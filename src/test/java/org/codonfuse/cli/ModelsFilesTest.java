package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.codonfuse.compute.Shape;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.RandomEncoder;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.Sha256;
import org.codonfuse.weights.StoredTensor;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorContent;
import org.codonfuse.weights.TensorData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code models verify} and {@code models convert}. */
class ModelsFilesTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path model;

  @BeforeEach
  void writeModel() {
    model = folder.resolve("model");
    RandomEncoder.write(model, EncoderFamily.ESM2, EncoderFamily.ESM2.config(8, 2, 2, 12), 3);
  }

  private int run(Object... arguments) {
    out.reset();
    err.reset();
    List<String> all = new ArrayList<>(List.of("models"));
    for (Object argument : arguments) {
      all.add(argument.toString());
    }
    return Main.execute(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        all.toArray(String[]::new));
  }

  private String failure(int code, Object... arguments) {
    assertEquals(code, run(arguments), err::toString);
    String message = err.toString(StandardCharsets.UTF_8).strip();
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  @Test
  void verifySaysWhatAModelIs() throws IOException {
    String digest = Sha256.of(model.resolve("model.safetensors"));

    assertEquals(
        0, run("verify", model, "--json", "--quiet", "--sha256", digest.toUpperCase(Locale.ROOT)));

    JsonNode json = new ObjectMapper().readTree(out.toByteArray());
    assertEquals("ESM-2", json.get("family").asText());
    assertEquals("protein", json.get("molecule").asText());
    assertEquals(2, json.get("layers").asInt());
    assertEquals(33, json.get("vocabulary").asInt());
    long layer = 4 * (8 * 8 + 8) + 2 * 16 + (8 * 12 + 12) + (12 * 8 + 8);
    assertEquals(33 * 8 + 2 * layer + 16, json.get("parameters").asLong());
    assertEquals("F32", json.get("dtypes").get(0).asText());
    assertEquals(digest, json.get("files").get(2).get("sha256").asText());
    assertEquals(0, run("verify", model, "--quiet"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("sha256 " + digest));
  }

  @Test
  void verifyRefusesOtherWeights() {
    String message = failure(1, "verify", model, "--sha256", "0".repeat(64));

    assertTrue(message.startsWith("codonfuse: " + model.resolve("model.safetensors")), message);
    assertTrue(failure(2, "verify", model, "--sha256", "abc").contains("64 hexadecimal digits"));
  }

  @Test
  void verifyFindsANumberThatIsNone() {
    Path weights = model.resolve("model.safetensors");
    String name = "esm.encoder.emb_layer_norm_after.bias";
    change(
        weights,
        Map.of(name, TensorData.of(Shape.of(8), new float[] {0, 0, Float.NaN, 0, 0, 0, 0, 0})));

    String message = failure(1, "verify", model, "--quiet");

    assertTrue(
        message.contains(weights + ": tensor '" + name + "' holds NaN at element 2"), message);
  }

  @Test
  void verifyIsAsStrictAsLoading() {
    change(
        model.resolve("model.safetensors"),
        Map.of("esm.extra.weight", TensorData.of(Shape.of(1), new float[1])));

    assertTrue(failure(1, "verify", model).contains("'esm.extra.weight' is not part of any"));
    assertTrue(failure(1, "verify", folder.resolve("none")).contains("no such file"));
  }

  private static void change(Path weights, Map<String, TensorData> changes) {
    Path copy = weights.resolveSibling("copy.safetensors");
    try (SafetensorsFile source = SafetensorsFile.open(weights)) {
      Map<String, TensorContent> tensors = new HashMap<>();
      source.names().forEach(name -> tensors.put(name, StoredTensor.of(source, name)));
      tensors.putAll(changes);
      SafetensorsWriter.write(copy, tensors);
    }
    try {
      Files.move(copy, weights, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void convertChangesTheTypeOfAllButFrequencies() throws IOException {
    Path output = folder.resolve("converted");

    assertEquals(0, run("convert", model, "-o", output, "--dtype", "bfloat16", "--quiet"));

    try (SafetensorsFile file = SafetensorsFile.open(output.resolve("model.safetensors"))) {
      for (String name : file.names()) {
        StoredType expected = name.endsWith("inv_freq") ? StoredType.F32 : StoredType.BF16;
        assertEquals(expected, file.info(name).type(), name);
      }
    }
    JsonNode config = new ObjectMapper().readTree(output.resolve("config.json").toFile());
    assertEquals("bfloat16", config.get("torch_dtype").asText());
    assertEquals(
        Files.readString(model.resolve("vocab.txt")),
        Files.readString(output.resolve("vocab.txt")));
    assertEquals(0, run("verify", output, "--quiet"));
  }

  @Test
  void convertOverwritesNoWeights() {
    String message = failure(1, "convert", model, "-o", model);

    assertTrue(message.contains("is there already"), message);
  }

  @Test
  void convertRefusesWhatItCannotRead() throws IOException {
    Path output = folder.resolve("converted");
    Path file = Files.writeString(folder.resolve("weights.pth"), "no weights");

    assertTrue(failure(1, "convert", file, "-o", output).contains("no file that torch.save wrote"));
    assertTrue(
        failure(1, "convert", model.resolve("model.safetensors"), "-o", output)
            .contains("no RNA-FM weights"));
    assertTrue(failure(2, "convert", model, "-o", output, "--dtype", "int8").contains("float16"));
    assertTrue(failure(2, "convert", model, "-o", output, "--config", file).contains("--config"));
    assertFalse(Files.exists(output));
  }
}

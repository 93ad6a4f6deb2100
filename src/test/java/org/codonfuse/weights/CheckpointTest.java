package org.codonfuse.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointTest {
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir Path folder;

  private void shard(String name, String... tensors) {
    Map<String, TensorData> content =
        Stream.of(tensors)
            .collect(
                Collectors.toMap(
                    tensor -> tensor,
                    tensor -> TensorData.of(Shape.of(1), new float[] {tensor.charAt(0)})));
    SafetensorsWriter.write(folder.resolve(name), content);
  }

  private void torch(String name) {
    TorchBytes.write(
        folder.resolve(name), TorchBytes.read(TorchBytes.written("training-legacy.pt")));
  }

  private void text(String name, String text) {
    TorchBytes.write(
        folder.resolve(name), text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private List<Path> found() {
    return Checkpoint.find(folder).files();
  }

  @Test
  void prefersSafetensorsToPyTorchAndOneFileToShards() throws IOException {
    torch("b.pth");
    assertEquals(List.of(folder.resolve("b.pth")), found());
    text("pytorch_model.bin.index.json", "{'weight_map':{'a':'one.bin'}}");
    assertEquals(
        List.of(folder.resolve("pytorch_model.bin.index.json"), folder.resolve("one.bin")),
        found());
    torch("pytorch_model.bin");
    assertEquals(List.of(folder.resolve("pytorch_model.bin")), found());
    text(INDEX, "{'weight_map':{'a':'2.safetensors','b':'1.safetensors','c':'2.safetensors'}}");
    assertEquals(
        Stream.of(INDEX, "2.safetensors", "1.safetensors").map(folder::resolve).toList(), found());
    shard("model.safetensors", "a");
    assertEquals(List.of(folder.resolve("model.safetensors")), found());
    Files.delete(folder.resolve("model.safetensors"));
    Files.createSymbolicLink(folder.resolve("model.safetensors"), Path.of("gone"));
    assertTrue(refusal().startsWith(folder.resolve("model.safetensors") + ": cannot be read"));
  }

  @Test
  void readsAPyTorchFileOfAnyOtherName() {
    torch("RNA-FM_pretrained.pth");
    try (TensorSource source = Checkpoint.find(folder).open()) {
      assertEquals(4, source.names().size());
    }
  }

  @Test
  void namesWhatItLookedFor() {
    String message = refusal();

    assertTrue(message.startsWith(folder.resolve("model.safetensors") + ": no such file, nor "));
    assertTrue(message.contains("pytorch_model.bin.index.json, *.pth or *.pt"), message);
  }

  @Test
  void doesNotChooseAmongSeveral() {
    torch("one.pth");
    torch("two.pt");

    assertTrue(refusal().contains("several weight files (one.pth, two.pt)"), refusal());
  }

  @Test
  void readsShardsAsOne() {
    shard("1.safetensors", "a", "b");
    shard("2.safetensors", "c");
    text(
        INDEX,
        "{'metadata':{'total_size':12},'weight_map':"
            + "{'c':'2.safetensors','a':'1.safetensors','b':'1.safetensors'}}");
    try (TensorSource source = Checkpoint.find(folder).open()) {
      assertEquals(Set.of("a", "b", "c"), source.names());
      assertEquals(folder.resolve(INDEX), source.path());
      assertArrayEquals(new float[] {'c'}, source.floats("c"));
      assertArrayEquals(new float[] {'a'}, source.floats("a"));
      assertEquals(new TensorInfo("b", StoredType.F32, Shape.of(1)), source.info("b"));
      assertThrows(CodonfuseException.class, () -> source.info("d"));
    }
  }

  @Test
  void readsPyTorchShards() {
    torch("1.bin");
    text(
        "pytorch_model.bin.index.json",
        "{'weight_map':{'0.weight':'1.bin','0.bias':'1.bin','1.weight':'1.bin','1.bias':'1.bin'}}");
    try (TensorSource source = Checkpoint.find(folder).open()) {
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, source.floats("0.weight"));
    }
  }

  static Stream<Arguments> indexes() {
    return Stream.of(
        Arguments.of("{", "no valid JSON"),
        Arguments.of("[]", "weight_map is missing"),
        Arguments.of("{'weight_map':{}}", "weight_map is missing or empty"),
        Arguments.of("{'weight_map':{'a':'1.safetensors','a':'1.safetensors'}}", "Duplicate"),
        Arguments.of("{'weight_map':{'a':'../1.safetensors'}}", "no file beside it"),
        Arguments.of("{'weight_map':{'a':'x/1.safetensors'}}", "no file beside it"),
        Arguments.of("{'weight_map':{'a':'/etc/passwd'}}", "no file beside it"),
        Arguments.of("{'weight_map':{'a':'..'}}", "no file beside it"),
        Arguments.of("{'weight_map':{'a':''}}", "no file beside it"),
        Arguments.of("{'weight_map':{'a':1}}", "no file beside it"),
        Arguments.of("{'weight_map':{'a':'3.safetensors'}}", "3.safetensors: cannot be read"),
        Arguments.of("{'weight_map':{'a':'1.safetensors'}}", "the index does not list it"),
        Arguments.of(
            "{'weight_map':{'a':'1.safetensors','b':'2.safetensors','c':'2.safetensors'}}",
            "\"b\" is in 1.safetensors, where the index says 2.safetensors"),
        Arguments.of(
            "{'weight_map':{'a':'1.safetensors','b':'1.safetensors','d':'1.safetensors'}}",
            "\"d\" is not in 1.safetensors"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("indexes")
  void refusesAnIndexThatDoesNotFit(String index, String mentioned) {
    shard("1.safetensors", "a", "b");
    shard("2.safetensors", "c");
    text(INDEX, index);

    String message = refusal();

    assertTrue(message.contains(mentioned), message);
    assertTrue(message.startsWith(folder.toString()), message);
  }

  private String refusal() {
    return assertThrows(CodonfuseException.class, () -> Checkpoint.find(folder).open().close())
        .getMessage();
  }
}

package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.codonfuse.Golden;
import org.codonfuse.io.Progress;
import org.codonfuse.weights.Checkpoint;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorSource;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class PublishedEncoderGoldenTest {
  @TempDir Path folder;

  private static List<Path> models() {
    List<Path> models = Golden.cases("encoders", "config.json");
    assertFalse(models.isEmpty());
    return models;
  }

  /** Two layouts of one model, which expect the same hidden states, hold the same numbers. */
  @TestFactory
  Stream<DynamicTest> equalModelsInDifferentLayoutsAreEqual() {
    return models().stream()
        .flatMap(
            one ->
                models().stream()
                    .filter(other -> one.compareTo(other) < 0 && isSameModel(one, other))
                    .map(
                        other ->
                            DynamicTest.dynamicTest(
                                one.getFileName() + " and " + other.getFileName(),
                                () -> compare(one, other))));
  }

  private static boolean isSameModel(Path one, Path other) {
    try {
      String file = "expected.safetensors";
      return Files.mismatch(one.resolve(file), other.resolve(file)) < 0;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> convertedModelsHoldTheSameNumbers() {
    return each(
        "",
        (model, converted) -> {
          convert(model, converted, Optional.empty());
          compare(model, converted);
        });
  }

  @TestFactory
  Stream<DynamicTest> convertedTwiceIsConvertedOnce() {
    return each(
        "twice",
        (model, once) -> {
          Path twice = once.resolve("again");
          convert(model, once, Optional.of(StoredType.BF16));
          convert(once, twice, Optional.of(StoredType.BF16));
          for (String file : List.of("config.json", "vocab.txt", "model.safetensors")) {
            try {
              assertEquals(-1, Files.mismatch(once.resolve(file), twice.resolve(file)), file);
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
          try (PublishedEncoder encoder = PublishedEncoder.open(twice)) {
            assertEquals(Set.of(StoredType.BF16), encoder.types());
          }
        });
  }

  /** Nothing but what fairseq alone needs is lost, heads included. */
  @TestFactory
  Stream<DynamicTest> convertedModelsKeepTheirHeads() {
    return each(
        "heads",
        (model, converted) -> {
          convert(model, converted, Optional.empty());
          try (TensorSource source = Checkpoint.find(model).open();
              SafetensorsFile written =
                  SafetensorsFile.open(converted.resolve("model.safetensors"))) {
            assertEquals(source.names().size(), written.names().size());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> weightsOfRnaFmAloneAreEnough() {
    return each(
        "alone",
        (model, converted) -> {
          Path weights = Checkpoint.find(model).path();
          if (!weights.toString().endsWith(".pth")) {
            return;
          }
          try (PublishedEncoder bare = PublishedEncoder.openBare(weights, Optional.empty());
              PublishedEncoder whole = PublishedEncoder.open(model)) {
            assertEquals(whole.parameters(), bare.parameters());
            assertEquals(whole.config().heads(), bare.config().heads());
            bare.write(converted, Optional.empty());
          }
          compare(model, converted);
        });
  }

  private Stream<DynamicTest> each(String what, BiConsumer<Path, Path> check) {
    return models().stream()
        .map(
            model ->
                DynamicTest.dynamicTest(
                    model.getFileName().toString(),
                    () -> check.accept(model, folder.resolve(model.getFileName() + what))));
  }

  private static void convert(Path from, Path to, Optional<StoredType> type) {
    try (PublishedEncoder encoder = PublishedEncoder.open(from)) {
      encoder.requireFinite(Progress.NONE);
      encoder.write(to, type);
    }
  }

  private static void compare(Path one, Path other) {
    try (TensorSource a = Checkpoint.find(one).open();
        TensorSource b = Checkpoint.find(other).open()) {
      SequencedMap<String, String> named = names(one, a);
      SequencedMap<String, String> alsoNamed = names(other, b);
      assertEquals(named.keySet(), alsoNamed.keySet());
      named.forEach(
          (ours, name) -> assertArrayEquals(a.floats(name), b.floats(alsoNamed.get(ours)), ours));
    }
  }

  private static SequencedMap<String, String> names(Path directory, TensorSource source) {
    return EncoderParameters.names(EncoderConfig.read(directory.resolve("config.json")), source);
  }
}

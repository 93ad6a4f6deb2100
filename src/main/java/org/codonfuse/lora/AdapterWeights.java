package org.codonfuse.lora;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.weights.Checkpoint;
import org.codonfuse.weights.SafetensorsWriter;
import org.codonfuse.weights.TensorData;
import org.codonfuse.weights.TensorSource;

/**
 * The factors of an adapter in a file, as PEFT names them.
 *
 * @param modules by path
 * @param baseFingerprint of the encoder that this program trained it on, from the file's metadata,
 *     which PEFT does not look at
 */
record AdapterWeights(SequencedMap<String, LoraFactors> modules, Optional<String> baseFingerprint) {
  private static final String BIN = "adapter_model.bin";
  private static final String PREFIX = "base_model.model.";
  private static final String BASE = "codonfuse.base";
  private static final Pattern KEY =
      Pattern.compile("^base_model\\.model\\.(.+)\\.lora_([AB])\\.weight$");

  /** What models with a head put before the names of the encoder in them. */
  private static final Pattern MODEL =
      Pattern.compile(
          "^(?:esm|model|rnafm)\\.(?=encoder\\.|embeddings\\.|pooler\\.|contact_head\\.)");

  /** The names of the two factors of a module in the file. */
  private record Pair(Optional<String> a, Optional<String> b) {
    static final Pair NONE = new Pair(Optional.empty(), Optional.empty());

    Pair with(boolean first, String name) {
      return first ? new Pair(Optional.of(name), b) : new Pair(a, Optional.of(name));
    }

    Optional<String> get(boolean first) {
      return first ? a : b;
    }
  }

  /** A module's name without what models with a head put before it. */
  static String path(String name) {
    return MODEL.matcher(name).replaceFirst("");
  }

  static AdapterWeights read(Path directory, AdapterConfig config) {
    Path file = directory.resolve(LoraAdapter.WEIGHTS);
    if (Files.notExists(file) && Files.exists(directory.resolve(BIN))) {
      file = directory.resolve(BIN);
    }
    try (TensorSource source = Checkpoint.of(file).open()) {
      SequencedMap<String, LoraFactors> modules = new LinkedHashMap<>();
      pairs(source, config)
          .forEach((module, pair) -> modules.put(module, factors(source, module, pair, config)));
      if (modules.isEmpty()) {
        throw new CodonfuseException(file + ": holds no factors; save the adapter again.");
      }
      return new AdapterWeights(modules, Optional.ofNullable(source.metadata().get(BASE)));
    }
  }

  private static SequencedMap<String, Pair> pairs(TensorSource source, AdapterConfig config) {
    SequencedMap<String, Pair> pairs = new LinkedHashMap<>();
    for (String name : source.names()) {
      Matcher key = KEY.matcher(name);
      if (!key.matches()) {
        throw new CodonfuseException(
            source.path()
                + ": tensor '"
                + name
                + "' is no factor of a plain LoRA adapter, whose tensors are named"
                + " base_model.model.MODULE.lora_A.weight and lora_B.weight; save it with"
                + " PEFT's save_pretrained, without other changes to the model.");
      }
      String module = path(key.group(1));
      if (!config.adapts(key.group(1))) {
        throw new CodonfuseException(
            source.path()
                + ": tensor '"
                + name
                + "' adapts a module that target_modules in "
                + LoraAdapter.CONFIG
                + " does not name; the two files belong to different adapters.");
      }
      boolean first = key.group(2).equals("A");
      Pair pair = pairs.getOrDefault(module, Pair.NONE);
      if (pair.get(first).isPresent()) {
        throw new CodonfuseException(
            "%s: tensors '%s' and '%s' are the same one; save the adapter again."
                .formatted(source.path(), pair.get(first).get(), name));
      }
      pairs.put(module, pair.with(first, name));
    }
    return pairs;
  }

  private static LoraFactors factors(
      TensorSource source, String module, Pair pair, AdapterConfig config) {
    String a = present(source, module, "lora_A", pair.a());
    String b = present(source, module, "lora_B", pair.b());
    int in = checked(source, a, 0, config.rank());
    int out = checked(source, b, 1, config.rank());
    return new LoraFactors(config.rank(), in, out, values(source, a), values(source, b));
  }

  private static String present(
      TensorSource source, String module, String factor, Optional<String> name) {
    return name.orElseThrow(
        () ->
            new CodonfuseException(
                "%s: %s of '%s' is missing; the file is damaged, so save the adapter again."
                    .formatted(source.path(), factor, module)));
  }

  /** The other size of a factor whose size in one dimension is the rank. */
  private static int checked(TensorSource source, String name, int ranked, int rank) {
    Shape shape = source.info(name).shape();
    if (shape.rank() != 2 || shape.dim(1 - ranked) < 1) {
      throw new CodonfuseException(
          "%s: tensor '%s' has shape %s and is no factor of a linear layer; save the adapter again."
              .formatted(source.path(), name, shape));
    }
    if (shape.dim(ranked) != rank) {
      throw new CodonfuseException(
          "%s: tensor '%s' has shape %s, so rank %d, where r in %s is %d; the two files belong to"
                  .formatted(
                      source.path(), name, shape, shape.dim(ranked), LoraAdapter.CONFIG, rank)
              + " different adapters.");
    }
    return shape.intDim(1 - ranked);
  }

  private static float[] values(TensorSource source, String name) {
    float[] values = source.floats(name);
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new CodonfuseException(
            "%s: tensor '%s' holds %s at element %d; train the adapter again, with a lower learning"
                    .formatted(source.path(), name, values[i], i)
                + " rate if it was no damage to the file.");
      }
    }
    return values;
  }

  static void write(
      Path directory, SequencedMap<String, LoraFactors> modules, Optional<String> fingerprint) {
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    modules.forEach(
        (module, factors) -> {
          long rank = factors.rank();
          tensors.put(
              PREFIX + module + ".lora_A.weight",
              TensorData.of(Shape.of(rank, factors.in()), factors.a()));
          tensors.put(
              PREFIX + module + ".lora_B.weight",
              TensorData.of(Shape.of(factors.out(), rank), factors.b()));
        });
    Map<String, String> notes = new TreeMap<>();
    fingerprint.ifPresent(hash -> notes.put(BASE, hash));
    SafetensorsWriter.write(directory.resolve(LoraAdapter.WEIGHTS), tensors, notes);
  }
}

package org.codonfuse.encoder;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.encoder.CheckpointNames.Role;
import org.codonfuse.weights.TensorInfo;
import org.codonfuse.weights.TensorSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tensors of an encoder under our names, read strictly from any published layout. */
final class EncoderParameters {
  /** Name within a layer of the rotary frequencies, [headWidth / 2]. */
  static final String FREQUENCIES = "attention.frequencies";

  private static final Logger LOG = LoggerFactory.getLogger(EncoderParameters.class);

  /** The table of tokens. */
  static final String TOKENS = "embeddings.tokens.weight";

  /** Weight of the last layer of the head that scores tokens. */
  static final String DECODER = "head.decoder.weight";

  /** The head that scores tokens; the decoder is the table of tokens where it is not there. */
  static final List<String> HEAD =
      List.of(
          "head.dense.weight",
          "head.dense.bias",
          "head.norm.weight",
          "head.norm.bias",
          DECODER,
          "head.bias");

  private static final String EVERY_LAYER = "layer.*." + FREQUENCIES;

  private EncoderParameters() {}

  /** The shape of every tensor that an encoder of this configuration needs, by our name. */
  static SequencedMap<String, Shape> shapes(EncoderConfig config) {
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    long hidden = config.hiddenSize();
    long inner = config.intermediateSize();
    shapes.put(TOKENS, Shape.of(config.vocabularySize(), hidden));
    if (!config.rotary()) {
      shapes.put("embeddings.positions.weight", Shape.of(config.maxPositions(), hidden));
    }
    if (config.embeddingLayerNorm()) {
      norm(shapes, "embeddings.norm", hidden);
    }
    for (int i = 0; i < config.layers(); i++) {
      String layer = "layer." + i + ".";
      norm(shapes, layer + "attention.norm", hidden);
      for (String projection : List.of("query", "key", "value", "output")) {
        linear(shapes, layer + "attention." + projection, hidden, hidden, true);
      }
      if (config.rotary()) {
        shapes.put(layer + FREQUENCIES, Shape.of(config.headWidth() / 2));
      }
      norm(shapes, layer + "norm", hidden);
      boolean bias = config.feedForwardBias();
      linear(shapes, layer + "intermediate", hidden, config.gated() ? 2 * inner : inner, bias);
      linear(shapes, layer + "output", inner, hidden, bias);
    }
    norm(shapes, "norm", hidden);
    return shapes;
  }

  /** The shape of every tensor of the head that scores tokens, by our name. */
  static SequencedMap<String, Shape> headShapes(EncoderConfig config) {
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    long hidden = config.hiddenSize();
    linear(shapes, "head.dense", hidden, hidden, true);
    norm(shapes, "head.norm", hidden);
    shapes.put(DECODER, Shape.of(config.vocabularySize(), hidden));
    shapes.put("head.bias", Shape.of(config.vocabularySize()));
    return shapes;
  }

  /** Whether a file has a whole head that scores tokens. */
  static boolean hasHead(TensorSource source) {
    Set<String> ours = new HashSet<>();
    for (String name : source.names()) {
      if (CheckpointNames.role(name).orElse(null) instanceof Role.Head(String head)) {
        ours.add(head);
      }
    }
    return ours.containsAll(HEAD.stream().filter(name -> !name.equals(DECODER)).toList());
  }

  /** Whether the decoder in a file is the table of tokens, which some files have twice. */
  static boolean isTied(EncoderConfig config, TensorSource source, String decoder) {
    String table = names(config, source).get(TOKENS);
    return source.info(table).type() == source.info(decoder).type()
        && source.segment(table).mismatch(source.segment(decoder)) < 0;
  }

  /**
   * Reads every tensor; they belong to {@code owner} and refer to the source's memory, which must
   * stay open.
   *
   * @throws CodonfuseException that names a missing or unknown tensor or a wrong shape
   */
  static Map<String, Tensor> load(
      Backend backend, Scope owner, EncoderConfig config, TensorSource source) {
    Map<String, String> names = names(config, source);
    Map<String, Tensor> tensors = new HashMap<>();
    try (Scope _ = backend.openScope(Mode.INFERENCE)) {
      shapes(config)
          .forEach(
              (name, shape) -> {
                String stored = names.get(name);
                Tensor tensor =
                    stored == null
                        ? backend.tensor(frequencies(config.headWidth()), shape)
                        : read(backend, source, stored, shape);
                tensors.put(name, owner.adopt(tensor));
              });
      head(backend, config, source)
          .forEach((name, tensor) -> tensors.put(name, owner.adopt(tensor)));
    }
    if (names.size() < shapes(config).size()) {
      LOG.warn("{}: no rotary frequencies are stored; the exact ones are used.", source.path());
    }
    return tensors;
  }

  /**
   * The head that scores tokens, if the whole of it is there: published files may leave it out, and
   * most users have no need of it.
   */
  private static Map<String, Tensor> head(
      Backend backend, EncoderConfig config, TensorSource source) {
    Map<String, String> stored = new HashMap<>();
    for (String name : source.names()) {
      if (CheckpointNames.role(name).orElse(null) instanceof Role.Head(String ours)) {
        stored.put(ours, name);
      }
    }
    if (!stored
        .keySet()
        .containsAll(HEAD.stream().filter(name -> !name.equals(DECODER)).toList())) {
      return Map.of();
    }
    if (stored.containsKey(DECODER) && isTied(config, source, stored.get(DECODER))) {
      stored.remove(DECODER);
    }
    Map<String, Shape> shapes = headShapes(config);
    Map<String, Tensor> tensors = new HashMap<>();
    stored.forEach(
        (ours, name) -> {
          Shape shape = shapes.get(ours);
          check(source, name, shape, false);
          tensors.put(ours, read(backend, source, name, shape));
        });
    return tensors;
  }

  /**
   * The names in a file of an encoder's tensors, by our names. Rotary frequencies that are stored
   * once are there for every layer; those that are not stored at all are left out.
   *
   * @throws CodonfuseException that names a missing or unknown tensor, or one of a wrong shape or
   *     type
   */
  static SequencedMap<String, String> names(EncoderConfig config, TensorSource source) {
    SequencedMap<String, Shape> shapes = shapes(config);
    Map<String, String> published = published(config, source, shapes);
    boolean frequencies = published.keySet().stream().anyMatch(n -> n.endsWith(FREQUENCIES));
    SequencedMap<String, String> names = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) -> {
          String stored = published.get(name);
          if (stored == null && name.endsWith(FREQUENCIES)) {
            stored = published.get(EVERY_LAYER);
          }
          if (stored != null) {
            boolean doubled = !config.gated() && name.endsWith(".intermediate.weight");
            check(source, stored, shape, doubled);
            names.put(name, stored);
          } else if (!name.endsWith(FREQUENCIES) || frequencies) {
            throw new CodonfuseException(
                source.path()
                    + ": the tensor for '"
                    + name
                    + "' is missing; the file is damaged or config.json belongs to another"
                    + " model.");
          }
        });
    return names;
  }

  private static Map<String, String> published(
      EncoderConfig config, TensorSource source, Map<String, Shape> shapes) {
    Map<String, String> published = new HashMap<>();
    for (String name : source.names()) {
      Role role =
          CheckpointNames.role(name)
              .orElseThrow(
                  () ->
                      new CodonfuseException(
                          source.path()
                              + ": tensor '"
                              + name
                              + "' is not part of any known encoder layout; the file belongs to"
                              + " another architecture."));
      if (role instanceof Role.Parameter(String ours)) {
        boolean positions = ours.equals("embeddings.positions.weight") && config.rotary();
        if (positions) {
          continue;
        }
        if (!shapes.containsKey(ours) && !(ours.equals(EVERY_LAYER) && config.rotary())) {
          throw new CodonfuseException(
              source.path()
                  + ": tensor '"
                  + name
                  + "' is more than config.json describes; the two belong to different models.");
        }
        String earlier = published.put(ours, name);
        if (earlier != null) {
          throw new CodonfuseException(
              source.path()
                  + ": tensors '"
                  + earlier
                  + "' and '"
                  + name
                  + "' are the same one; the file is damaged, so download or export it again.");
        }
      }
    }
    return published;
  }

  /**
   * @param doubled whether twice the rows mean a gated checkpoint with a plain configuration
   */
  private static void check(TensorSource source, String name, Shape expected, boolean doubled) {
    TensorInfo info = source.info(name);
    if (!info.shape().equals(expected)) {
      boolean gatedAsPlain = doubled && info.shape().equals(expected.with(0, 2 * expected.dim(0)));
      throw new CodonfuseException(
          source.path()
              + ": tensor '"
              + name
              + "' has shape "
              + info.shape()
              + " where config.json asks for "
              + expected
              + (gatedAsPlain
                  ? "; this is a gated NT-v2 checkpoint read with a plain ESM config: add"
                      + " \"add_bias_fnn\": false to config.json."
                  : "; the two belong to different models."));
    }
    floating(source, info);
  }

  private static DType floating(TensorSource source, TensorInfo info) {
    return info.type()
        .dtype()
        .filter(DType::isFloating)
        .orElseThrow(
            () ->
                new CodonfuseException(
                    source.path()
                        + ": tensor '"
                        + info.name()
                        + "' is stored as "
                        + info.type()
                        + ", which is not supported; convert it to F32, F16 or BF16."));
  }

  private static Tensor read(Backend backend, TensorSource source, String name, Shape shape) {
    DType dtype = floating(source, source.info(name));
    return backend.cast(backend.tensor(source.segment(name), dtype, shape), DType.FLOAT32);
  }

  /** The exact frequencies 10000^(−2i / headWidth). */
  static float[] frequencies(int headWidth) {
    float[] frequencies = new float[headWidth / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) (1 / Math.pow(10000, 2.0 * i / headWidth));
    }
    return frequencies;
  }

  private static void norm(Map<String, Shape> shapes, String name, long width) {
    shapes.put(name + ".weight", Shape.of(width));
    shapes.put(name + ".bias", Shape.of(width));
  }

  private static void linear(
      Map<String, Shape> shapes, String name, long in, long out, boolean bias) {
    shapes.put(name + ".weight", Shape.of(out, in));
    if (bias) {
      shapes.put(name + ".bias", Shape.of(out));
    }
  }
}

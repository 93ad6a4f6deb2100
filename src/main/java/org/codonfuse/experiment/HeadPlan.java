package org.codonfuse.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.codonfuse.fusion.FusionOptions;
import org.codonfuse.fusion.head.MlpHead;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.training.run.HeadConfig;

/**
 * A head.
 *
 * @param name of its kind
 * @param dim width of its first layer
 * @param channels of each convolution; where none are given, those of the paper for the fusion
 * @param dropout before the last layer
 */
record HeadPlan(String name, int dim, OptionalInt channels, double dropout) {
  /** The paper's. */
  static final HeadPlan DEFAULT = new HeadPlan(TextCnnHead.NAME, 640, OptionalInt.empty(), 0.2);

  private static final List<String> KEYS = List.of("head", "dim", "channels", "dropout");

  /** Reads a head or a list of them. */
  static List<HeadPlan> read(YamlValue given) {
    List<HeadPlan> heads = new ArrayList<>();
    for (YamlValue value : given.listOrOne()) {
      YamlMap map = YamlMap.named(value, "head", "a head", KEYS);
      String name = map.require("head", "its name").oneOf("head", HeadConfig.NAMES);
      map.requireUsed("channels", !name.equals(MlpHead.NAME), name);
      heads.add(
          new HeadPlan(
              name,
              map.get("dim").map(n -> n.integer(1, RowReader.LARGEST)).orElse(DEFAULT.dim),
              map.get("channels")
                  .map(n -> OptionalInt.of(n.integer(1, RowReader.LARGEST)))
                  .orElse(OptionalInt.empty()),
              map.get("dropout").map(p -> p.number(0, 0.99)).orElse(DEFAULT.dropout)));
    }
    return heads;
  }

  /** The head on a fusion, with one output. */
  HeadConfig on(FusionOptions fusion) {
    return HeadConfig.of(name, dim, channels.orElse(fusion.channels()), dropout, 1);
  }
}

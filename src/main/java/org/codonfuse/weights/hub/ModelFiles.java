package org.codonfuse.weights.hub;

import java.util.List;
import org.codonfuse.weights.Checkpoint;

/**
 * Which files of a repository make a model.
 *
 * @param required every one of these
 * @param weights the first of these that exists; one that ends in {@code .index.json} with the
 *     shards that it names
 * @param optional those of these that exist
 */
public record ModelFiles(List<String> required, List<String> weights, List<String> optional) {
  /** An encoder as transformers and MultiMolecule publish it. */
  public static final ModelFiles ENCODER =
      new ModelFiles(
          List.of("config.json", "vocab.txt"),
          Checkpoint.NAMES,
          List.of("tokenizer_config.json", "special_tokens_map.json"));

  /** Copies the lists. */
  public ModelFiles {
    required = List.copyOf(required);
    weights = List.copyOf(weights);
    optional = List.copyOf(optional);
  }

  /** One file alone. */
  public static ModelFiles only(String file) {
    return new ModelFiles(List.of(file), List.of(), List.of());
  }
}

package org.codonfuse.training.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Split;

/**
 * What decides the result of a run: its configuration, apart from where files lie and what
 * computes, and which examples are in which split.
 */
final class RunIdentity {
  private RunIdentity() {}

  /**
   * As JSON.
   *
   * @param planned the configuration, whose best epoch is of no account
   */
  static String of(RunConfig planned, Dataset dataset) {
    ObjectNode tree = planned.toTree();
    tree.remove(List.of("codonfuse", "backend", "best_epoch", "size"));
    // The same result with less memory.
    ((ObjectNode) tree.path("fine_tuning")).remove("checkpointed");
    // Copies of the same files elsewhere are the same: they have the same hashes.
    ((ObjectNode) tree.path("data")).remove(List.of("file", "splits"));
    for (JsonNode stream : tree.path("streams")) {
      ((ObjectNode) stream).remove("encoder");
      ((ObjectNode) stream.path("embedding")).remove("store");
    }
    ObjectNode splits = tree.putObject("split_sha256");
    for (Split split : Split.values()) {
      splits.put(split.label(), hash(dataset, split));
    }
    return tree.toString();
  }

  private static String hash(Dataset dataset, Split split) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      dataset
          .of(split)
          .forEach(
              example -> {
                String line = example.id() + "\t" + example.targets() + "\n";
                digest.update(line.getBytes(StandardCharsets.UTF_8));
              });
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}

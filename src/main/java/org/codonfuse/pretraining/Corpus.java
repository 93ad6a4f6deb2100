package org.codonfuse.pretraining;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.codonfuse.CodonfuseException;
import org.codonfuse.embedding.EmbeddingInput;
import org.codonfuse.embedding.EmbeddingInputs;
import org.codonfuse.embedding.EmbeddingReader;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.sequence.HeldOut;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.SequenceReader;
import org.codonfuse.sequence.SequenceTable;
import org.codonfuse.sequence.Split;
import org.codonfuse.token.Tokenizer;
import org.codonfuse.token.Tokens;
import org.codonfuse.weights.Sha256;

/**
 * The sequences that an encoder is trained on, and those that it is measured on.
 *
 * @param data what is said of them
 * @param splits the sequences by split
 * @param splitsHash over the identifiers by split
 */
record Corpus(PretrainingConfig.Data data, Map<Split, Sequences> splits, String splitsHash) {
  /** Above this share of unknown tokens there is little to learn from a sequence. */
  private static final double SUSPICIOUS = 0.5;

  /**
   * Reads and divides them.
   *
   * @throws CodonfuseException if one cannot be used, or too few are left to learn from
   */
  static Corpus read(
      Pretraining.Settings settings,
      TrainableEncoder encoder,
      Masking masking,
      Consumer<String> notes) {
    if (Files.exists(settings.input()) && !Files.isRegularFile(settings.input())) {
      throw new CodonfuseException(
          settings.input() + ": is not a regular file; write the sequences to a file first.");
    }
    // Before the hours of training in which the file may change.
    String sha256 = Sha256.of(settings.input());
    SequenceTable table = SequenceReader.readDivided(settings.input(), settings.reading());
    Tokenizer tokenizer = encoder.tokenizer();
    EmbeddingInputs inputs =
        EmbeddingReader.read(
            table,
            tokenizer.molecule(),
            settings.start().name(),
            settings.molecule(),
            settings.code(),
            notes);
    boolean proteins = inputs.molecule() == Molecule.PROTEIN;
    List<String> letters = inputs.sequences().stream().map(EmbeddingInput::letters).toList();
    HeldOut division = HeldOut.of(table, letters, proteins, settings.split());
    Map<Split, List<EmbeddingInput>> kept = new EnumMap<>(Split.class);
    int limit = encoder.config().maxTokens();
    int truncated = 0;
    int leftOut = 0;
    int unknown = 0;
    for (int i = 0; i < letters.size(); i++) {
      Tokens tokens = tokenizer.tokenize(letters.get(i));
      truncated += tokens.length() > limit ? 1 : 0;
      unknown += tokens.unknownShare() > SUSPICIOUS ? 1 : 0;
      if (masking.candidates(tokens.truncate(limit)).length == 0) {
        leftOut++;
      } else {
        kept.computeIfAbsent(division.splits().get(i), _ -> new ArrayList<>())
            .add(inputs.sequences().get(i));
      }
    }
    note(notes, table, division.moved(), "have a copy that is held out and are with it");
    note(notes, table, truncated, "are longer than the encoder reads and truncated");
    note(notes, table, unknown, "are mostly unknown to the encoder");
    note(notes, table, leftOut, "have no token that the encoder knows and are left out");
    Map<Split, Sequences> splits = new EnumMap<>(Split.class);
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Split split : Split.values()) {
      List<EmbeddingInput> of = kept.getOrDefault(split, List.of());
      splits.put(split, new Sequences(tokenizer, limit, of));
      counts.put(split.label(), of.size());
      if (of.isEmpty() && split != Split.TEST) {
        throw new CodonfuseException(
            "%s: the %s split has no sequence of the %d; add sequences or divide them differently."
                .formatted(table.labels(), split.label(), letters.size()));
      }
    }
    return new Corpus(
        new PretrainingConfig.Data(
            settings.input().toString(),
            sha256,
            tokenizer.molecule().label(),
            counts,
            truncated,
            leftOut),
        splits,
        hash(kept));
  }

  /** The sequences of a split, perhaps none. */
  Sequences of(Split split) {
    return splits.get(split);
  }

  private static void note(Consumer<String> notes, SequenceTable table, int count, String what) {
    if (count > 0) {
      notes.accept(
          "%s: %d of %d sequences %s"
              .formatted(table.source(), count, table.records().size(), what));
    }
  }

  private static String hash(Map<Split, List<EmbeddingInput>> kept) {
    MessageDigest digest = Sha256.newDigest();
    kept.forEach(
        (split, inputs) -> {
          digest.update(split.label().getBytes(StandardCharsets.UTF_8));
          inputs.forEach(
              input -> digest.update((input.id() + "\n").getBytes(StandardCharsets.UTF_8)));
        });
    return Sha256.hex(digest);
  }
}

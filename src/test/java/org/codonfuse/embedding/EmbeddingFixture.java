package org.codonfuse.embedding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.codonfuse.compute.Backend;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.IndexEntry;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.RandomEncoder;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;

/** Small encoders, sequences and what is in stores. */
record EmbeddingFixture(Path folder) {
  static final int WIDTH = 8;

  /** Parts of so few tokens that a handful of sequences makes several. */
  static final EmbeddingPlan.Limits SMALL_PARTS = new EmbeddingPlan.Limits(1 << 20, 60, 4);

  Path model(EncoderFamily family) {
    Path directory = folder.resolve(family.name());
    if (!Files.exists(directory)) {
      RandomEncoder.write(directory, family, family.config(WIDTH, 1, 2, 12), 5);
    }
    return directory;
  }

  Encoder encoder(Backend backend, EncoderFamily family) {
    return Encoder.load(backend, model(family));
  }

  /** An encoder that reads few tokens at once. */
  Encoder shortEncoder(Backend backend, EncoderFamily family, int maxTokens) throws IOException {
    Path config = model(family).resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceAll("(\"max_position_embeddings\" : )\\d+", "$1" + (maxTokens + 2)));
    return Encoder.load(backend, model(family));
  }

  static EmbeddingInputs inputs(Encoder encoder, String... rna) {
    List<CodingSequence> sequences = new ArrayList<>();
    for (String one : rna) {
      sequences.add(new CodingSequence("s" + sequences.size(), one));
    }
    return EmbeddingInputs.of(encoder.tokenizer().molecule(), sequences, GeneticCode.standard());
  }

  /** Random mRNAs of 3 to 60 nt with some that occur twice. */
  static String[] random(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    String[] rna = new String[count];
    for (int i = 0; i < count; i++) {
      rna[i] = i % 5 == 4 ? rna[random.nextInt(i)] : random(random, 3 + random.nextInt(58));
    }
    return rna;
  }

  static String random(SplittableRandom random, int length) {
    StringBuilder letters = new StringBuilder();
    for (int n = 0; n < length; n++) {
      letters.append("ACGU".charAt(random.nextInt(4)));
    }
    return letters.toString();
  }

  static EmbeddingReport run(
      Encoder encoder,
      Backend backend,
      EmbeddingInputs inputs,
      EmbeddingSettings settings,
      Path to) {
    return EmbeddingJob.run(backend, encoder, inputs, settings, to, Progress.NONE, SMALL_PARTS);
  }

  /** The rows of every sequence of a store, by its identifier. */
  static Map<String, float[]> rows(Path store) {
    try (EmbeddingStore opened = EmbeddingStore.open(store)) {
      Map<String, float[]> rows = new LinkedHashMap<>();
      for (IndexEntry entry : opened.entries()) {
        float[] values = new float[entry.rows() * opened.width()];
        opened.read(entry, values, 0);
        rows.put(entry.id(), values);
      }
      return rows;
    }
  }

  /** All files of a store but its lock, by name. */
  static Map<String, byte[]> files(Path store) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> list = Files.list(store)) {
      for (Path file : list.toList()) {
        if (!file.getFileName().toString().equals(".lock")) {
          files.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }
}

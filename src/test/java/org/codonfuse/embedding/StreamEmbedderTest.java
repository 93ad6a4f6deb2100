package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.codonfuse.CodonfuseException;
import org.codonfuse.OnEveryBackend;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.CodonAlignment;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Scope;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.encoder.RandomEncoder;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamEmbedderTest {
  private static final float TOLERANCE = 1e-5f;
  private static final int WIDTH = 8;

  @TempDir Path temporary;

  /** Counts what it is told. */
  private static final class Counter implements Progress {
    long total;
    long steps;
    boolean ended;

    @Override
    public Task start(String name, long count) {
      total = count;
      return new Task() {
        @Override
        public void step(long done) {
          steps += done;
        }

        @Override
        public void message(String text) {}

        @Override
        public void close() {
          ended = true;
        }
      };
    }
  }

  private Encoder encoder(Backend backend, EncoderFamily family) {
    Path directory = temporary.resolve(family.name());
    if (!Files.exists(directory)) {
      RandomEncoder.write(directory, family, family.config(WIDTH, 1, 2, 12), 5);
    }
    return Encoder.load(backend, directory);
  }

  private static StreamEmbedder embedder(Backend backend, Encoder encoder, boolean strict) {
    return new StreamEmbedder(backend, encoder, GeneticCode.standard(), strict);
  }

  private static List<CodingSequence> sequences(String... rna) {
    List<CodingSequence> sequences = new ArrayList<>();
    for (String one : rna) {
      sequences.add(new CodingSequence("s" + sequences.size(), one));
    }
    return sequences;
  }

  @OnEveryBackend
  void everySequenceHasItsOwnRowsInTheGivenOrder(String name) {
    List<CodingSequence> sequences =
        sequences("AUGGCUAA", "AUG", "AUGNNCGCUAAAUUUGGGCCC", "GC", "AUGGCUGCUGCU");
    for (EncoderFamily family : EncoderFamily.values()) {
      Granularity aligned = Granularity.aligned(family.molecule());
      for (Granularity granularity : List.of(aligned, Granularity.TOKEN)) {
        try (Backend backend = TestBackends.open(name);
            Encoder encoder = encoder(backend, family)) {
          StreamEmbedder embedder = embedder(backend, encoder, false);
          float[][] together = embedder.embed(sequences, granularity, Progress.NONE);
          assertEquals(sequences.size(), together.length);
          for (int i = 0; i < together.length; i++) {
            List<CodingSequence> one = List.of(sequences.get(i));
            float[] alone = embedder.embed(one, granularity, Progress.NONE)[0];
            assertArrayEquals(alone, together[i], TOLERANCE, family + " " + granularity + i);
            if (granularity == aligned) {
              int rows = CodonAlignment.rows(granularity, sequences.get(i).length());
              assertEquals(rows * WIDTH, alone.length);
            }
          }
        }
      }
    }
  }

  @OnEveryBackend
  void codonRowsAreMeansOfTheHiddenStates(String name) {
    try (Backend backend = TestBackends.open(name);
        Encoder encoder = encoder(backend, EncoderFamily.RNA_FM);
        Scope _ = backend.openScope(Mode.INFERENCE)) {
      float[] hidden = encoder.forward(List.of(encoder.tokenizer().tokenize("AUGGCUA"))).toFloats();
      float[] rows =
          embedder(backend, encoder, true)
              .embed(sequences("AUGGCUA"), Granularity.CODON, Progress.NONE)[0];
      assertEquals(2 * WIDTH, rows.length);
      for (int i = 0; i < rows.length; i++) {
        int first = (1 + 3 * (i / WIDTH)) * WIDTH + i % WIDTH;
        float mean = (hidden[first] + hidden[first + WIDTH] + hidden[first + 2 * WIDTH]) / 3;
        assertEquals(mean, rows[i], TOLERANCE);
      }
    }
  }

  @Test
  void equalSequencesAreEmbeddedOnce() {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = encoder(backend, EncoderFamily.RNA_FM)) {
      Counter counter = new Counter();
      float[][] rows =
          embedder(backend, encoder, false)
              .embed(
                  sequences("AUG", "GCUGCU", "AUG", "AUGAUG", "GCUGCU", "AUG"),
                  Granularity.CODON,
                  counter);
      assertEquals(3, counter.total);
      assertEquals(3, counter.steps);
      assertTrue(counter.ended);
      assertSame(rows[0], rows[2]);
      assertSame(rows[0], rows[5]);
      assertSame(rows[1], rows[4]);
      assertEquals(WIDTH, rows[0].length);
      assertEquals(2 * WIDTH, rows[3].length);
    }
  }

  @Test
  void manySequencesNeedSeveralBatches() {
    SplittableRandom random = new SplittableRandom(3);
    String[] rna = new String[60];
    for (int i = 0; i < rna.length; i++) {
      StringBuilder letters = new StringBuilder();
      for (int n = 0; n < 60 + 3 * i; n++) {
        letters.append("ACGU".charAt(random.nextInt(4)));
      }
      rna[i] = letters.toString();
    }
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = encoder(backend, EncoderFamily.RNA_FM)) {
      StreamEmbedder embedder = embedder(backend, encoder, false);
      Counter counter = new Counter();
      float[][] rows = embedder.embed(sequences(rna), Granularity.CODON, counter);
      assertEquals(rna.length, counter.steps);
      for (int i : new int[] {0, 17, 31, 59}) {
        float[] alone = embedder.embed(sequences(rna[i]), Granularity.CODON, Progress.NONE)[0];
        assertArrayEquals(alone, rows[i], TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingGivesNothing(EncoderFamily family) {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = encoder(backend, family)) {
      Granularity granularity = Granularity.aligned(family.molecule());
      assertEquals(
          0, embedder(backend, encoder, true).embed(List.of(), granularity, Progress.NONE).length);
    }
  }

  @ParameterizedTest
  @EnumSource
  void tooLongSequencesAreNamedWithBothLengths(EncoderFamily family) throws IOException {
    try (Backend backend = TestBackends.open("scalar")) {
      Path directory;
      try (Encoder encoder = encoder(backend, family)) {
        directory = encoder.directory();
      }
      Path config = directory.resolve("config.json");
      if (family != EncoderFamily.RNA_FM) {
        String text = Files.readString(config);
        Files.writeString(config, text.replaceAll("(\"max_position_embeddings\" : )\\d+", "$112"));
      }
      try (Encoder encoder = Encoder.load(backend, directory)) {
        int most = encoder.config().maxTokens();
        assertEquals(family == EncoderFamily.RNA_FM ? 1024 : 10, most);
        String fits = "A".repeat(encoder.maxNucleotides());
        StreamEmbedder embedder = embedder(backend, encoder, false);
        embedder.embed(sequences(fits), Granularity.TOKEN, Progress.NONE);
        String tooLong = fits + "AAA";
        var e =
            assertThrows(
                CodonfuseException.class,
                () -> embedder.embed(sequences("AUG", tooLong), Granularity.TOKEN, Progress.NONE));
        String molecule = family.molecule().label();
        for (String part :
            List.of("'s1'", molecule, directory.toString(), "at most " + most, "--max-length")) {
          assertTrue(e.getMessage().contains(part), () -> part + " in: " + e.getMessage());
        }
      }
    }
  }

  /** What preparing says in the log. */
  private static String said(StreamEmbedder embedder, List<CodingSequence> sequences) {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      embedder.prepare(sequences);
    } finally {
      System.setErr(before);
    }
    return log.toString(StandardCharsets.UTF_8);
  }

  @Test
  void nucleotidesReadAsOthersAreCounted() {
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = encoder(backend, EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2)) {
      StreamEmbedder embedder = embedder(backend, encoder, true);
      String said = said(embedder, sequences("AUGRYA", "AUGGCU", "AUGRYA"));
      assertTrue(said.contains("4 ambiguous nucleotides are read as N by"), said);
      assertTrue(said.contains(encoder.directory().toString()), said);
      assertEquals("", said(embedder, sequences("AUGGCU", "AUGNNN")));
    }
  }

  @Test
  void mostlyUnknownSequencesAreAnErrorOnlyWhereStrict() {
    // Stops are no residues of ESM-2: two of three tokens of s1 are unknown, one of two of s2.
    List<CodingSequence> sequences = sequences("AUGGCU", "UAAAUGUAG", "UAAAUG");
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = encoder(backend, EncoderFamily.ESM2)) {
      assertEquals(Molecule.PROTEIN, encoder.tokenizer().molecule());
      float[][] rows =
          embedder(backend, encoder, false).embed(sequences, Granularity.CODON, Progress.NONE);
      assertEquals(3 * WIDTH, rows[1].length);
      StreamEmbedder strict = embedder(backend, encoder, true);
      var e =
          assertThrows(
              CodonfuseException.class,
              () -> strict.embed(sequences, Granularity.CODON, Progress.NONE));
      for (String part :
          List.of("1 of 3", "'s1'", "67 %", encoder.directory().toString(), "--strict")) {
        assertTrue(e.getMessage().contains(part), () -> part + " in: " + e.getMessage());
      }
      List<CodingSequence> known = List.of(sequences.get(0), sequences.get(2));
      assertEquals(2, strict.embed(known, Granularity.CODON, Progress.NONE).length);
    }
  }
}

package org.codonfuse.training.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.TestBackends;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.embedding.EmbeddingInputs;
import org.codonfuse.embedding.EmbeddingJob;
import org.codonfuse.embedding.EmbeddingSettings;
import org.codonfuse.embedding.LongPolicy;
import org.codonfuse.embedding.StoredSequences;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderLayer;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.training.Examples;
import org.codonfuse.training.HostBatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class StreamSourcesTest {
  private static final String SEQUENCES =
      "id,sequence\na,AUGGCUAAAUUUGGGCCC\nb,AUGGCUA\nc,AUGNNCGCUAAAUUUGGGCCCAU\nd,AUGGCUA\n";
  private static final float TOLERANCE = 1e-5f;

  @TempDir static Path folder;

  private static Backend backend;
  private static SequencedMap<Molecule, Path> models;

  @BeforeAll
  static void open() {
    backend = TestBackends.open("scalar");
    models = TestRuns.encoders(folder.resolve("models"), 1);
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private static Dataset dataset(String csv, int code) {
    try {
      Path file = Files.createTempFile(folder, "data", ".csv");
      Files.writeString(file, csv);
      DatasetOptions options =
          DatasetOptions.evaluation(org.codonfuse.sequence.Task.REGRESSION, List.of())
              .withCode(GeneticCode.of(code));
      return Dataset.loadUnlabelled(file, ReadOptions.detect(), options);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Path embed(Molecule molecule, EmbeddingSettings settings, Dataset dataset) {
    return embed(models.get(molecule), settings, dataset, 1);
  }

  private static Path embed(Path model, EmbeddingSettings settings, Dataset dataset, int code) {
    try (Encoder encoder = Encoder.load(backend, model)) {
      List<CodingSequence> sequences = dataset.examples().stream().map(Example::sequence).toList();
      Path store = Files.createTempDirectory(folder, "store");
      EmbeddingJob.run(
          backend,
          encoder,
          EmbeddingInputs.of(encoder.tokenizer().molecule(), sequences, GeneticCode.of(code)),
          settings,
          store,
          Progress.NONE);
      return store;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static StreamSources sources(Map<Molecule, Path> places) {
    return StreamSources.open(
        backend, TestRuns.inputs(places), RunConfig.Embedding.of(Precision.FLOAT32));
  }

  private static EmbeddingOptions options(boolean strict) {
    return new EmbeddingOptions(strict, new EmbeddingCache(folder.resolve("cache")), "test");
  }

  private static Examples examples(
      StreamSources sources, Dataset dataset, int code, Granularity granularity) {
    List<StreamSpec> wanted = sources.streams().stream().map(s -> s.at(granularity)).toList();
    return examples(sources, dataset, code, wanted);
  }

  private static Examples examples(
      StreamSources sources, Dataset dataset, int code, List<StreamSpec> wanted) {
    return sources.examples(
        wanted, dataset, GeneticCode.of(code), 0, options(false), Progress.NONE);
  }

  private static HostBatch all(Examples examples) {
    return examples.gather(IntStream.range(0, examples.size()).toArray());
  }

  /** All rows of one molecule at a granularity, from one place. */
  private static HostBatch rows(Molecule molecule, Path place, Granularity granularity) {
    Dataset dataset = dataset(SEQUENCES, 1);
    try (StreamSources sources = sources(Map.of(molecule, place))) {
      return all(examples(sources, dataset, 1, granularity));
    }
  }

  private static void assertSame(HostBatch expected, HostBatch found, float tolerance) {
    assertArrayEquals(expected.codons(), found.codons());
    HostBatch.Stream one = expected.streams().getFirst();
    HostBatch.Stream other = found.streams().getFirst();
    assertArrayEquals(one.lengths(), other.lengths());
    if (tolerance == 0) {
      assertArrayEquals(one.values().toFloats(), other.values().toFloats());
    } else {
      assertArrayEquals(one.values().toFloats(), other.values().toFloats(), tolerance);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStoreHasTheRowsThatTheEncoderHas(Molecule molecule) {
    Dataset dataset = dataset(SEQUENCES, 1);
    for (Granularity granularity : List.of(Granularity.aligned(molecule), Granularity.TOKEN)) {
      HostBatch expected = rows(molecule, models.get(molecule), granularity);
      Pooling pooling = StoredSequences.pooling(granularity);
      assertSame(
          expected,
          rows(molecule, embed(molecule, EmbeddingSettings.of(pooling), dataset), granularity),
          0);
      assertSame(
          expected,
          rows(molecule, embed(molecule, EmbeddingSettings.of(Pooling.NONE), dataset), granularity),
          TOLERANCE);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FLOAT32", "BFLOAT16", "FLOAT16"})
  void embeddingsInMemoryAreThoseOfTheCache(Precision stored) {
    Dataset dataset = dataset(SEQUENCES, 1);
    RunConfig.Embedding embedding = RunConfig.Embedding.of(Precision.FLOAT32);
    try (StreamSources sources =
        StreamSources.open(
            new Encoders(backend),
            List.of(
                new RunConfig.Stream("dna", Molecule.DNA, 16, "", "", stored(embedding, stored)),
                new RunConfig.Stream("rna", Molecule.RNA, 16, "", "", stored(embedding, stored))),
            List.of(models.get(Molecule.DNA), models.get(Molecule.RNA)),
            List.of(Optional.empty(), Optional.empty()))) {
      HostBatch cached = all(examples(sources, dataset, 1, sources.streams()));
      HostBatch inMemory =
          all(
              sources.examples(
                  sources.streams(),
                  dataset,
                  GeneticCode.of(1),
                  0,
                  options(false).inMemory(),
                  Progress.NONE));
      assertArrayEquals(cached.codons(), inMemory.codons());
      for (int s = 0; s < cached.streams().size(); s++) {
        assertArrayEquals(cached.streams().get(s).lengths(), inMemory.streams().get(s).lengths());
        assertArrayEquals(
            cached.streams().get(s).values().toFloats(),
            inMemory.streams().get(s).values().toFloats());
      }
    }
  }

  @Test
  void modelsThatReadTheSameInMemoryShareWhatIsComputed() {
    List<RunConfig.Stream> streams =
        List.of(
            new RunConfig.Stream(
                "rna", Molecule.RNA, 16, "", "", RunConfig.Embedding.of(Precision.FLOAT32)));
    List<Path> places = List.of(models.get(Molecule.RNA));
    List<String> begun = new ArrayList<>();
    Progress recorded =
        (name, total) -> {
          begun.add(name);
          return Progress.NONE.start(name, total);
        };
    try (Encoders encoders = new Encoders(backend);
        StreamSources one =
            StreamSources.open(encoders, streams, places, List.of(Optional.empty()));
        StreamSources other =
            StreamSources.open(encoders, streams, places, List.of(Optional.empty()))) {
      HostBatch first = all(inMemory(one, dataset(SEQUENCES, 1), recorded));
      HostBatch second = all(inMemory(other, dataset(SEQUENCES, 1), recorded));
      assertEquals(1, begun.size());
      assertArrayEquals(
          first.streams().getFirst().values().toFloats(),
          second.streams().getFirst().values().toFloats());
      all(inMemory(other, dataset("id,sequence\na,AUGCCC\n", 1), recorded));
      assertEquals(2, begun.size());
    }
  }

  private Examples inMemory(StreamSources sources, Dataset dataset, Progress progress) {
    return sources.examples(
        sources.streams(), dataset, GeneticCode.of(1), 0, options(false).inMemory(), progress);
  }

  private static RunConfig.Embedding stored(RunConfig.Embedding embedding, Precision stored) {
    return new RunConfig.Embedding(
        embedding.layer(),
        embedding.computed(),
        stored,
        embedding.longSequences(),
        embedding.store());
  }

  @Test
  void halvesAreReadAsFloats() {
    HostBatch expected = rows(Molecule.RNA, models.get(Molecule.RNA), Granularity.CODON);
    for (Precision precision : List.of(Precision.FLOAT16, Precision.BFLOAT16)) {
      EmbeddingSettings settings =
          EmbeddingSettings.of(Pooling.CODON).withStored(precision.dtype());
      Path store = embed(Molecule.RNA, settings, dataset(SEQUENCES, 1));
      assertSame(expected, rows(Molecule.RNA, store, Granularity.CODON), 3e-2f);
    }
  }

  @Test
  void aStoreOfALayerHasTheRowsOfTheLayer() {
    Dataset dataset = dataset(SEQUENCES, 1);
    EmbeddingSettings settings =
        EmbeddingSettings.of(Pooling.CODON).withLayer(EncoderLayer.parse("0"));
    Path store = embed(Molecule.RNA, settings, dataset);
    HostBatch found = rows(Molecule.RNA, store, Granularity.CODON);
    try (StreamSources encoder =
            StreamSources.open(
                backend,
                TestRuns.inputs(Map.of(Molecule.RNA, models.get(Molecule.RNA))),
                new RunConfig.Embedding(
                    "0", Precision.FLOAT32, Precision.FLOAT32, LongPolicy.TRUNCATE, ""));
        StreamSources stored = sources(Map.of(Molecule.RNA, store))) {
      assertSame(all(examples(encoder, dataset, 1, Granularity.CODON)), found, 0);
      assertEquals("0", stored.describe().getFirst().embedding().layer());
      assertEquals(
          encoder.describe().getFirst().fingerprint(), stored.describe().getFirst().fingerprint());
    }
  }

  /** 1100 codons, where RNA-FM reads 1022 nucleotides and ESM-2 as many residues. */
  private static final String LONG = "id,sequence\nshort,AUGGCU\nlong," + "GCU".repeat(1100) + "\n";

  @ParameterizedTest
  @CsvSource({"RNA,340", "PROTEIN,1022", "DNA,1100"})
  void ofACutSequenceTheCodonsThatAreThereCount(Molecule molecule, int codons) {
    Dataset dataset = dataset(LONG, 1);
    for (Pooling pooling :
        List.of(StoredSequences.pooling(Granularity.aligned(molecule)), Pooling.NONE)) {
      Path store = embed(molecule, EmbeddingSettings.of(pooling), dataset);
      try (StreamSources sources = sources(Map.of(molecule, store))) {
        Examples examples = examples(sources, dataset, 1, Granularity.aligned(molecule));
        assertEquals(2, examples.codons(0));
        assertEquals(codons, examples.codons(1));
        HostBatch.Stream rows = all(examples).streams().getFirst();
        int expected = molecule == Molecule.DNA ? codons / 2 : codons;
        assertEquals(expected, rows.lengths()[1]);
      }
    }
  }

  @Test
  void streamsOfDifferentLengthsEndWithTheShortest() {
    Dataset dataset = dataset(LONG, 1);
    SequencedMap<Molecule, Path> places = new LinkedHashMap<>();
    places.put(Molecule.RNA, models.get(Molecule.RNA));
    places.put(
        Molecule.PROTEIN, embed(Molecule.PROTEIN, EmbeddingSettings.of(Pooling.CODON), dataset));
    try (StreamSources sources = sources(places)) {
      assertEquals(0, sources.maxNucleotides());
      Examples examples = examples(sources, dataset, 1, Granularity.CODON);
      assertEquals(340, examples.codons(1));
      assertArrayEquals(new int[] {2, 340}, all(examples).streams().getFirst().lengths());
      assertArrayEquals(new int[] {2, 1022}, all(examples).streams().getLast().lengths());
    }
  }

  private static String failure(Molecule as, Path place, Dataset dataset, int code, Granularity g) {
    return assertThrows(
            CodonfuseException.class,
            () -> {
              try (StreamSources sources = sources(Map.of(as, place))) {
                examples(sources, dataset, code, g);
              }
            })
        .getMessage();
  }

  @Test
  void aMissingSequenceIsNamedWithTheCommandThatEmbedsIt() {
    Path store =
        embed(
            models.get(Molecule.PROTEIN),
            EmbeddingSettings.of(Pooling.CODON).withLayer(EncoderLayer.parse("0")),
            dataset(SEQUENCES, 11),
            11);
    Dataset other = dataset(SEQUENCES + "e,AUGAUG\nf,AUGAUGAUG\n", 11);
    assertEquals(
        other.source()
            + ":6: the protein of sequence 'e' (and of 1 others) is not in the store "
            + store
            + "; make one that has it with 'codonfuse embed --model "
            + models.get(Molecule.PROTEIN)
            + " --input "
            + other.source()
            + " --output STORE --pool codon --layer 0 --genetic-code 11'.",
        failure(Molecule.PROTEIN, store, other, 11, Granularity.CODON));
  }

  @Test
  void storesThatDoNotFitAreRefused() {
    Dataset dataset = dataset(SEQUENCES, 1);
    Path protein = embed(Molecule.PROTEIN, EmbeddingSettings.of(Pooling.CODON), dataset);
    Path mean = embed(Molecule.RNA, EmbeddingSettings.of(Pooling.MEAN), dataset);

    assertEquals(
        protein + ": a store of protein embeddings was given as --rna; give it as --protein.",
        failure(Molecule.RNA, protein, dataset, 1, Granularity.CODON));
    assertEquals(
        protein
            + ": has a row for every codon (--pool codon) where the model reads a row for every"
            + " token; embed again with --pool none.",
        failure(Molecule.PROTEIN, protein, dataset, 1, Granularity.TOKEN));
    assertEquals(
        mean
            + ": has one row for a sequence (--pool mean) where the model reads a row for every"
            + " codon; embed again with --pool codon or none.",
        failure(Molecule.RNA, mean, dataset, 1, Granularity.CODON));
    assertEquals(
        protein
            + ": was translated with genetic code 1 where the data are translated with 11; embed"
            + " again with --genetic-code 11 or train with --genetic-code 1.",
        failure(Molecule.PROTEIN, protein, dataset, 11, Granularity.CODON));
  }

  @Test
  void anIncompleteStoreIsRefused() throws IOException {
    Path store = embed(Molecule.RNA, EmbeddingSettings.of(Pooling.CODON), dataset(SEQUENCES, 1));
    Path manifest = store.resolve("manifest.json");
    Files.writeString(
        manifest,
        Files.readString(manifest).replace("\"complete\" : true", "\"complete\" : false"));
    String message = failure(Molecule.RNA, store, dataset(SEQUENCES, 1), 1, Granularity.CODON);
    assertTrue(message.startsWith(store + ": is not complete"), message);
  }

  @Test
  void strictnessHoldsForCachedEmbeddingsToo() {
    Dataset stops = dataset("id,sequence\ns,UAAUAGAUG\n", 1);
    try (StreamSources sources = sources(Map.of(Molecule.PROTEIN, models.get(Molecule.PROTEIN)))) {
      examples(sources, stops, 1, Granularity.CODON);
      String message =
          assertThrows(
                  CodonfuseException.class,
                  () ->
                      sources.examples(
                          sources.streams(),
                          stops,
                          GeneticCode.standard(),
                          0,
                          options(true),
                          Progress.NONE))
              .getMessage();
      assertTrue(message.contains("--strict"), message);
    }
  }
}

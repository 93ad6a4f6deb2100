package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Backend;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.encoder.TrainableEncoder;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.Example;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.Examples;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the streams of a model come from, encoders and stores. Owns them, and what the examples are
 * read from: close it after the last batch. Used by one thread.
 */
public final class StreamSources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamSources.class);

  /** Given in the place of a model of RNA: the codons themselves, one-hot, without an encoder. */
  public static final String ONE_HOT = "one-hot";

  private final List<StreamSource> sources = new ArrayList<>();

  private final Encoders encoders;
  private final boolean owner;

  private StreamSources(Encoders encoders, boolean owner) {
    this.encoders = encoders;
    this.owner = owner;
  }

  /**
   * Opens what a model is to be trained on.
   *
   * @param inputs encoders and stores, in the order that fusions have them
   * @param embedding how encoders are run
   * @throws CodonfuseException if one cannot be read or is for another molecule
   */
  public static StreamSources open(
      Backend backend, List<StreamInput> inputs, RunConfig.Embedding embedding) {
    return open(backend, inputs, _ -> embedding, Map.of());
  }

  /**
   * The same where encoders learn with the model.
   *
   * @param embedding how the encoder of an input is run
   * @param learning those, by the name of their streams; not closed
   */
  static StreamSources open(
      Backend backend,
      List<StreamInput> inputs,
      Function<StreamInput, RunConfig.Embedding> embedding,
      Map<String, TrainableEncoder> learning) {
    StreamSources sources = new StreamSources(new Encoders(backend), true);
    return sources.opened(
        () ->
            inputs.forEach(
                input -> {
                  TrainableEncoder encoder = learning.get(input.name());
                  if (encoder == null) {
                    sources.add(
                        input.name(),
                        input.molecule(),
                        input.place(),
                        embedding.apply(input),
                        Optional.empty());
                  } else {
                    sources.sources.add(
                        LiveSource.of(
                            input.name(), input.molecule(), encoder, embedding.apply(input)));
                  }
                }));
  }

  /**
   * Opens what a model was trained on.
   *
   * @param encoders those loaded already, and the owner of others; closed after this
   * @param trained the streams of its configuration
   * @param places for each of them a model directory or a store
   * @param adapters for each of them the updates that the encoder learned
   * @throws CodonfuseException if one cannot be read or is for another molecule
   */
  static StreamSources open(
      Encoders encoders,
      List<RunConfig.Stream> trained,
      List<Path> places,
      List<Optional<LoraAdapter>> adapters) {
    StreamSources sources = new StreamSources(encoders, false);
    return sources.opened(
        () -> {
          for (int i = 0; i < trained.size(); i++) {
            RunConfig.Stream stream = trained.get(i);
            sources.add(
                stream.name(),
                stream.molecule(),
                places.get(i),
                stream.embedding(),
                adapters.get(i));
          }
        });
  }

  private StreamSources opened(Runnable open) {
    try {
      open.run();
      return this;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void add(
      String name,
      Molecule molecule,
      Path place,
      RunConfig.Embedding embedding,
      Optional<LoraAdapter> adapter) {
    if (place.equals(OneHotSource.PLACE)) {
      sources.add(OneHotSource.open(name, molecule));
    } else if (StoreManifest.isIn(place)) {
      sources.add(StoreSource.open(name, molecule, place));
    } else {
      sources.add(EncoderSource.open(encoders, name, molecule, place, embedding, adapter));
    }
  }

  /** The streams, in the order in which they were given. */
  public List<StreamSpec> streams() {
    return sources.stream().map(StreamSource::stream).toList();
  }

  /** The streams as a run's configuration names them. */
  public List<RunConfig.Stream> describe() {
    return sources.stream().map(StreamSource::describe).toList();
  }

  /** Whether any of them is a store, whose sequences must be looked up as they are. */
  public boolean hasStores() {
    return sources.stream().anyMatch(StoreSource.class::isInstance);
  }

  /**
   * The longest mRNA that all encoders read, in nucleotides: of whole codons where there are
   * several, so that position t is the same codon everywhere. Where there is a store, 0: how much
   * of a sequence it has was decided when it was made, and every encoder reads what it can. Codons
   * alone have no limit, which is 0 too.
   */
  public int maxNucleotides() {
    if (hasStores()) {
      return 0;
    }
    int shortest =
        sources.stream()
            .mapToInt(StreamSource::maxNucleotides)
            .filter(longest -> longest > 0)
            .min()
            .orElse(0);
    return sources.size() == 1 ? shortest : shortest / 3 * 3;
  }

  /**
   * The examples of a model: found in stores and the cache, or computed.
   *
   * @param wanted what the model takes
   * @param dataset the sequences
   * @param code translates for proteins
   * @param maxNucleotides longer sequences are cut to this; 0 if they are not
   * @throws CodonfuseException if a sequence is not in a store, or a store does not fit
   */
  public Examples examples(
      List<StreamSpec> wanted,
      Dataset dataset,
      GeneticCode code,
      int maxNucleotides,
      EmbeddingOptions options,
      Progress progress) {
    StreamSource.Request request = new StreamSource.Request(dataset, code, maxNucleotides);
    warnOfWholeRows(request);
    List<SourceRows> rows = new ArrayList<>();
    for (StreamSpec stream : wanted) {
      rows.add(source(stream.name()).rows(stream, request, options, progress));
    }
    List<Examples.Stream> streams =
        IntStream.range(0, rows.size()).mapToObj(s -> stream(wanted.get(s), rows.get(s))).toList();
    return new Examples(streams, codons(request, rows));
  }

  private static Examples.Stream stream(StreamSpec wanted, SourceRows rows) {
    return new Examples.Stream(wanted.at(rows.granularity(wanted.granularity())), rows);
  }

  private void warnOfWholeRows(StreamSource.Request request) {
    int limit = request.maxNucleotides();
    if (limit == 0 || !hasStores()) {
      return;
    }
    long longer =
        request.dataset().examples().stream().filter(e -> e.sequence().length() > limit).count();
    if (longer > 0) {
      LOG.warn(
          "{} sequences have more than the {} nt that the model was trained to read; what a store"
              + " has of their beginning was computed from more of them and differs a little.",
          longer,
          limit);
    }
  }

  private StreamSource source(String name) {
    Optional<StreamSource> source =
        sources.stream().filter(candidate -> candidate.stream().name().equals(name)).findFirst();
    return source.orElseThrow(() -> new IllegalArgumentException("No stream " + name));
  }

  /** Codons that every stream has; says of how many sequences that is not all of them. */
  private static int[] codons(StreamSource.Request request, List<SourceRows> rows) {
    List<Example> examples = request.cut().dataset().examples();
    int[] codons = new int[examples.size()];
    int cut = 0;
    String first = "";
    for (int i = 0; i < codons.length; i++) {
      CodingSequence sequence = examples.get(i).sequence();
      int example = i;
      int covered = rows.stream().mapToInt(of -> of.nucleotides(example)).min().orElse(0);
      codons[i] = Math.min(sequence.codons(), covered / 3);
      if (codons[i] < sequence.codons()) {
        first = cut++ == 0 ? sequence.id() : first;
      }
    }
    if (cut > 0) {
      LOG.info(
          "{} of {} sequences are longer than what all streams have of them (the first is '{}');"
              + " they are read up to the last codon that all have.",
          cut,
          codons.length,
          first);
    }
    return codons;
  }

  /** Releases encoders whose embeddings are all made. */
  void releaseEncoders() {
    encoders.close();
  }

  @Override
  public void close() {
    sources.forEach(StreamSource::close);
    sources.clear();
    if (owner) {
      encoders.close();
    }
  }
}

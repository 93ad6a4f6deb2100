package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.codonfuse.CodonfuseException;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.embedding.EmbeddingCache;
import org.codonfuse.embedding.StreamEmbedder;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.fusion.StreamSpec;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.Examples;

/** The encoders of a model by stream. Owns them; used by one thread. */
public final class EncoderSet implements AutoCloseable {
  private final Backend backend;
  private final SequencedMap<String, Encoder> encoders = new LinkedHashMap<>();
  private final Map<String, String> fingerprints = new LinkedHashMap<>();

  /**
   * Loads encoders.
   *
   * @param directories model directory by molecule
   * @throws CodonfuseException if one cannot be read or is for another molecule
   */
  public EncoderSet(Backend backend, SequencedMap<Molecule, Path> directories) {
    this.backend = backend;
    try {
      directories.forEach(this::load);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void load(Molecule molecule, Path directory) {
    Encoder encoder = Encoder.load(backend, directory);
    encoders.put(molecule.label(), encoder);
    Molecule read = encoder.tokenizer().molecule();
    if (read != molecule) {
      throw new CodonfuseException(
          directory
              + ": an encoder of "
              + read.label()
              + " was given as --"
              + molecule.label()
              + "; give it as --"
              + read.label()
              + ".");
    }
    fingerprints.put(molecule.label(), encoder.fingerprint());
  }

  /** The streams, in the order in which the encoders were given. */
  public List<StreamSpec> streams() {
    return encoders.entrySet().stream()
        .map(
            entry -> {
              Molecule molecule = entry.getValue().tokenizer().molecule();
              return new StreamSpec(
                  entry.getKey(),
                  molecule,
                  entry.getValue().config().hiddenSize(),
                  Granularity.aligned(molecule));
            })
        .toList();
  }

  /** The streams as a run's configuration names them. */
  public List<RunConfig.Stream> describe() {
    return streams().stream()
        .map(
            stream ->
                new RunConfig.Stream(
                    stream.name(),
                    stream.molecule(),
                    stream.width(),
                    encoders.get(stream.name()).directory().toAbsolutePath().normalize().toString(),
                    fingerprints.get(stream.name())))
        .toList();
  }

  /**
   * The longest mRNA that all encoders read, in nucleotides: of whole codons where there are
   * several, so that position t is the same codon everywhere.
   */
  public int maxNucleotides() {
    int shortest = encoders.values().stream().mapToInt(Encoder::maxNucleotides).min().orElseThrow();
    return encoders.size() == 1 ? shortest : shortest / 3 * 3;
  }

  /**
   * Embeds sequences for a model, or finds their embeddings in the cache.
   *
   * @param streams what the model takes
   * @param strict whether a sequence of mostly unknown tokens is an error
   */
  public Examples examples(
      List<StreamSpec> streams,
      List<CodingSequence> sequences,
      GeneticCode code,
      boolean strict,
      EmbeddingCache cache,
      Progress progress) {
    float[][][] rows = new float[streams.size()][][];
    for (int s = 0; s < rows.length; s++) {
      StreamSpec stream = streams.get(s);
      Encoder encoder = encoders.get(stream.name());
      String computed =
          stream.molecule() == Molecule.PROTEIN
              ? backend.engine() + ", genetic code " + code.number()
              : backend.engine();
      String key =
          EmbeddingCache.key(
              fingerprints.get(stream.name()), computed, stream.granularity(), sequences);
      // Before the cache is asked: what it holds was not checked for this request.
      StreamEmbedder.Prepared prepared =
          new StreamEmbedder(backend, encoder, code, strict).prepare(sequences);
      rows[s] =
          cache.get(
              key,
              sequences.size(),
              stream.width(),
              () -> prepared.embed(stream.granularity(), progress));
    }
    int[] codons = sequences.stream().mapToInt(CodingSequence::codons).toArray();
    return Examples.of(streams, rows, codons);
  }

  @Override
  public void close() {
    encoders.values().forEach(Encoder::close);
  }
}

package org.codonfuse.encoder;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.codonfuse.weights.Sha256;

/** The files that an encoder was read from. */
final class EncoderFiles {
  private final Path directory;
  private final List<Path> weights;

  /** Computed when it is first asked for: it reads all weights. */
  private SequencedMap<String, String> hashes;

  EncoderFiles(Path directory, List<Path> weights) {
    this.directory = directory;
    this.weights = weights;
  }

  Path directory() {
    return directory;
  }

  /** SHA-256 of the files by name: configuration, vocabulary, weights. */
  synchronized SequencedMap<String, String> hashes() {
    if (hashes == null) {
      SequencedMap<String, String> made = new LinkedHashMap<>();
      Stream.concat(EncoderDescription.files(directory).stream(), weights.stream())
          .forEach(file -> made.put(file.getFileName().toString(), Sha256.of(file)));
      hashes = Collections.unmodifiableSequencedMap(made);
    }
    return hashes;
  }

  /** What identifies them all. */
  String fingerprint() {
    return EncoderDescription.fingerprint(hashes().values());
  }
}

package org.codonfuse.embedding.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Shape;
import org.codonfuse.weights.SafetensorsFile;
import org.codonfuse.weights.SafetensorsStream;
import org.codonfuse.weights.Sha256;
import org.codonfuse.weights.StoredType;
import org.codonfuse.weights.TensorInfo;

/**
 * A part of a store, mapped: the tensor {@code embeddings} [rows, width] and, in the metadata,
 * which sequences they are of. All methods may be called from any thread.
 */
final class PartFile implements AutoCloseable {
  static final String TENSOR = "embeddings";
  private static final String SEQUENCES = "sequences";
  private static final JsonFactory JSON = new JsonFactory();

  private final SafetensorsFile file;
  private final TensorInfo info;

  private PartFile(SafetensorsFile file) {
    this.file = file;
    this.info = file.info(TENSOR);
  }

  /**
   * Maps a part.
   *
   * @throws CodonfuseException if it cannot be read, is damaged, or has rows of another kind
   */
  static PartFile open(Path path, StoredType type, int width) {
    SafetensorsFile file = SafetensorsFile.open(path);
    boolean opened = false;
    try {
      PartFile part = new PartFile(file);
      Shape shape = part.info.shape();
      if (part.info.type() != type || shape.rank() != 2 || shape.dim(1) != width) {
        throw damaged(
            path,
            "holds %s %s where its store has %s [rows, %d]"
                .formatted(part.info.type(), shape, type, width));
      }
      opened = true;
      return part;
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  /**
   * @param place a file of the store, or a line of it
   */
  static CodonfuseException damaged(Object place, String what) {
    return new CodonfuseException(
        place + ": " + what + "; run the command that wrote it again, which mends it.");
  }

  Path path() {
    return file.path();
  }

  long rows() {
    return info.shape().dim(0);
  }

  /** Rows as they are stored, in place. */
  MemorySegment rows(long first, long count) {
    long bytes = info.shape().dim(1) * info.type().bytes();
    return file.segment(TENSOR).asSlice(first * bytes, count * bytes);
  }

  /** All rows as they are stored, in place. */
  MemorySegment values() {
    return file.segment(TENSOR);
  }

  /** The metadata that says which sequences the rows are of. */
  static Map<String, String> metadata(List<StoredSequence> sequences) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartArray();
      for (StoredSequence sequence : sequences) {
        json.writeStartArray();
        json.writeString(sequence.sha256());
        json.writeNumber(sequence.row());
        json.writeNumber(sequence.rows());
        json.writeEndArray();
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.of(SEQUENCES, text.toString());
  }

  /**
   * Which sequences the rows are of, one after the other.
   *
   * @param number of this part
   * @throws CodonfuseException if the part does not say so of each of its rows
   */
  List<StoredSequence> sequences(int number) {
    String text = file.metadata().get(SEQUENCES);
    if (text == null) {
      throw damaged(path(), "does not say which sequences it holds");
    }
    List<StoredSequence> sequences = new ArrayList<>();
    long end = 0;
    try (JsonParser json = JSON.createParser(text)) {
      require(json, JsonToken.START_ARRAY);
      while (json.nextToken() == JsonToken.START_ARRAY) {
        require(json, JsonToken.VALUE_STRING);
        String sha256 = json.getText();
        require(json, JsonToken.VALUE_NUMBER_INT);
        long row = json.getLongValue();
        require(json, JsonToken.VALUE_NUMBER_INT);
        int rows = json.getIntValue();
        require(json, JsonToken.END_ARRAY);
        if (row != end || rows < 0) {
          throw damaged(path(), "says of sequence " + sequences.size() + " that it is elsewhere");
        }
        end += rows;
        sequences.add(new StoredSequence(sha256, number, row, rows));
      }
      if (json.currentToken() != JsonToken.END_ARRAY || json.nextToken() != null) {
        throw damaged(path(), "has a broken list of sequences");
      }
    } catch (IOException e) {
      throw damaged(path(), "has a broken list of sequences");
    }
    if (end != rows()) {
      throw damaged(path(), "has %d rows and lists sequences of %d".formatted(rows(), end));
    }
    return sequences;
  }

  private void require(JsonParser json, JsonToken expected) throws IOException {
    if (json.nextToken() != expected) {
      throw damaged(path(), "has a broken list of sequences");
    }
  }

  /**
   * Reads all values.
   *
   * @throws CodonfuseException if they are not those that were written
   */
  void requireChecksum() {
    if (!Sha256.of(values()).equals(file.metadata().get(SafetensorsStream.CHECKSUM))) {
      throw damaged(path(), "its values are not those that were written (wrong checksum)");
    }
  }

  @Override
  public void close() {
    file.close();
  }
}

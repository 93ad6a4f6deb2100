package org.codonfuse.embedding.store;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/** {@code index.csv}. */
final class IndexFile {
  private static final List<String> HEADER = List.of("id", "sha256", "part", "row", "rows");
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setRecordSeparator("\n").get();

  private IndexFile() {}

  /**
   * Writes the index.
   *
   * @param sequences the input, in its order
   * @param places by hash
   */
  static void write(Path file, List<NamedSequence> sequences, Map<String, StoredSequence> places) {
    AtomicFiles.write(
        file,
        out -> {
          Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          CSVPrinter csv = new CSVPrinter(text, FORMAT);
          csv.printRecord(HEADER);
          for (NamedSequence sequence : sequences) {
            StoredSequence place = places.get(sequence.sha256());
            csv.printRecord(
                sequence.id(), sequence.sha256(), place.part(), place.row(), place.rows());
          }
          csv.flush();
        });
  }

  /**
   * Reads the index.
   *
   * @param parts number of parts of the store
   * @throws CodonfuseException if it cannot be read, is malformed, or names other parts
   */
  static List<IndexEntry> read(Path file, long parts) {
    List<IndexEntry> entries = new ArrayList<>();
    try (CSVParser csv = CSVParser.parse(Files.newBufferedReader(file), FORMAT)) {
      boolean first = true;
      for (CSVRecord line : csv) {
        if (first && !line.toList().equals(HEADER)) {
          throw damaged(file, csv, "the columns are not " + String.join(",", HEADER));
        }
        if (!first) {
          entries.add(entry(file, csv, line, parts));
        }
        first = false;
      }
      if (first) {
        throw damaged(file, csv, "is empty");
      }
    } catch (UncheckedIOException e) {
      throw unreadable(file, e.getCause());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    return entries;
  }

  private static CodonfuseException unreadable(Path file, IOException e) {
    return e instanceof CSVException || e instanceof CharacterCodingException
        ? PartFile.damaged(file, "is no CSV in UTF-8")
        : AtomicFiles.unreadable(file, e);
  }

  private static IndexEntry entry(Path file, CSVParser csv, CSVRecord line, long parts) {
    if (line.size() != HEADER.size()) {
      throw damaged(file, csv, line.size() + " cells where the header has " + HEADER.size());
    }
    try {
      IndexEntry entry =
          new IndexEntry(
              line.get(0),
              line.get(1),
              Integer.parseInt(line.get(2)),
              Long.parseLong(line.get(3)),
              Integer.parseInt(line.get(4)));
      if (entry.part() < 0 || entry.part() >= parts) {
        throw damaged(file, csv, "part %d where there are %d".formatted(entry.part(), parts));
      }
      if (entry.row() < 0 || entry.rows() < 0) {
        throw damaged(file, csv, "negative rows");
      }
      return entry;
    } catch (NumberFormatException e) {
      throw damaged(file, csv, "part, row or rows is no number");
    }
  }

  private static CodonfuseException damaged(Path file, CSVParser csv, String what) {
    return PartFile.damaged(file + ":" + csv.getCurrentLineNumber(), what);
  }
}

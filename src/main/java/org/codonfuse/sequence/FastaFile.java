package org.codonfuse.sequence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.codonfuse.CodonfuseException;

/**
 * FASTA records with the line on which each begins.
 *
 * <p>htsjdk's FastaSequenceFile gives no line numbers, tells gzip by the file name and takes any
 * byte for a base: messages with file and line need a reader of our own.
 */
final class FastaFile {
  private FastaFile() {}

  static boolean looksLike(String beginning) {
    String text = beginning.stripLeading();
    return text.startsWith(">") || text.startsWith(";");
  }

  static List<SequenceRecord> read(TextSource source) {
    var records = new ArrayList<SequenceRecord>();
    String id = null;
    long begin = 0;
    var sequence = new StringBuilder();
    long number = 0;
    try {
      for (String line; (line = source.reader().readLine()) != null; ) {
        number++;
        String text = line.strip();
        if (text.startsWith(">")) {
          if (id != null) {
            records.add(entry(id, sequence, begin));
          }
          id = identifier(source, text, number);
          begin = number;
          sequence.setLength(0);
        } else if (!text.startsWith(";")) {
          if (id == null && !text.isEmpty()) {
            throw new CodonfuseException(
                source.path()
                    + ":"
                    + number
                    + ": a FASTA file begins with >; add the header line.");
          }
          sequence.append(text);
        }
      }
    } catch (IOException e) {
      throw TextSource.failure(source.path(), e);
    }
    if (id == null) {
      throw new CodonfuseException(source.path() + ": has no sequence; give it at least one.");
    }
    records.add(entry(id, sequence, begin));
    return records;
  }

  private static String identifier(TextSource source, String header, long line) {
    String description = header.substring(1).strip();
    if (description.isEmpty()) {
      throw new CodonfuseException(
          source.path() + ":" + line + ": the sequence has no name; write one after >.");
    }
    return description.split("\\s", 2)[0];
  }

  private static SequenceRecord entry(String id, StringBuilder sequence, long line) {
    return new SequenceRecord(id, sequence.toString(), List.of(), Optional.empty(), line, line);
  }
}

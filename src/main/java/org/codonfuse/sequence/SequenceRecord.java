package org.codonfuse.sequence;

import java.util.List;
import java.util.Optional;

/**
 * One sequence as it was read, before cleaning.
 *
 * @param id the identifier, by default the number of the row from 1
 * @param sequence the characters of the file, without outer white space
 * @param targets the texts of the target columns
 * @param split the text of the split column
 * @param line the line on which the record begins, from 1
 * @param labelLine the line of the target and split, in the label table if there is one
 */
public record SequenceRecord(
    String id,
    String sequence,
    List<String> targets,
    Optional<String> split,
    long line,
    long labelLine) {
  public SequenceRecord {
    targets = List.copyOf(targets);
  }
}

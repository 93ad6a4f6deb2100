package org.codonfuse.sequence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceReaderTest {
  private static final ReadOptions DETECT = ReadOptions.detect();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id,CDS,Value,Split\na,AUG,1,train\nb,AUGG,2,test\n",
        "\uFEFFid,CDS,Value,Split\r\na,AUG,1,train\r\nb,AUGG,2,test",
        "id\tCDS\tValue\tSplit\na\tAUG\t1\ttrain\n\nb\tAUGG\t2\ttest\n",
        "ID;\"cds\";VALUE;split\n a ; AUG ;1;train\nb;\"AUGG\";2;test\n\n"
      })
  void delimitersLineEndsQuotesAndByteOrderMarkDoNotMatter(String text) {
    SequenceTable table = read(text, DETECT);
    assertEquals(
        List.of("a AUG 1 train", "b AUGG 2 test"),
        table.records().stream()
            .map(
                r ->
                    String.join(" ", r.id(), r.sequence(), r.targets().getFirst(), r.split().get()))
            .toList());
    assertEquals(
        List.of("value"), table.targetColumns().stream().map(String::toLowerCase).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sequence", "CDS", "RNA", "mrna", "SEQ"})
  void sequenceColumnsAreFoundByName(String name) {
    SequenceTable table = read("x," + name + "\n1,AUG\n2,AUC\n", DETECT);
    assertEquals(List.of("1", "2"), table.records().stream().map(SequenceRecord::id).toList());
    assertEquals("AUC", table.records().getLast().sequence());
    assertEquals(List.of(), table.records().getFirst().targets());
  }

  @Test
  void optionsChooseColumns() {
    SequenceTable table =
        read(
            "Sequence,mine,y,score,fold,gene\nCCC,AUG,0,1.5,dev,g1\n",
            new ReadOptions(
                Optional.of("mine"),
                List.of("SCORE"),
                Optional.of("fold"),
                Optional.of("gene"),
                Optional.empty()));
    assertEquals(
        new SequenceRecord("g1", "AUG", List.of("1.5"), Optional.of("dev"), 2, 2),
        table.records().getFirst());
    assertEquals(List.of("score"), table.targetColumns());
    assertEquals(Optional.of("fold"), table.splitColumn());
  }

  @Test
  void recordsKnowTheirLinesThroughBlankLinesAndQuotedLineBreaks() {
    SequenceTable table =
        read("\nSequence,note\nAUG,x\n\n\nAUC,\"two\nlines\"\nAUU,\"\"\"q\"\"\"", DETECT);
    assertEquals(List.of(3L, 6L, 8L), table.records().stream().map(SequenceRecord::line).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void lineBreaksAtTheEdgesOfACellCount(String end) {
    SequenceTable table =
        read(
            "Sequence,note\nAUG,\"\nx\"\nAUC,\"x\n\"\n\"\nAUU\n\",\"\n\"\nAUA,\n"
                .replace("\n", end),
            DETECT);
    assertEquals(
        List.of(2L, 4L, 6L, 10L), table.records().stream().map(SequenceRecord::line).toList());
    assertEquals("AUU", table.records().get(2).sequence());
  }

  @Test
  void fastaRecordsSpanLines() {
    SequenceTable table = read("; old comment\n>a first\nAUG\r\nGCC \n\n>b\nAUC", DETECT);
    assertEquals(
        List.of("a AUGGCC 2", "b AUC 6"),
        table.records().stream().map(r -> r.id() + " " + r.sequence() + " " + r.line()).toList());
    assertEquals(List.of(), table.columns());
  }

  @Test
  void fastaTakesItsLabelsFromATable() {
    Path labels = write("labels.csv", "name,Value,Split\nb,2,test\nc,3,train\na,1,train\n");
    SequenceTable table = read(">a\nAUG\n>b\nAUC\n", labels(labels));
    assertEquals(List.of("1"), table.records().getFirst().targets());
    assertEquals(Optional.of("test"), table.records().getLast().split());
    assertEquals(labels + ":2", table.whereLabel(table.records().getLast()));
    assertEquals(1, table.unusedLabels());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sequence\nAUG\n", ">1\nAUG\n"})
  void gzipIsToldByItsFirstBytes(String text) throws IOException {
    Path file = Files.write(folder.resolve("data"), gzip(text));
    assertEquals("AUG", SequenceReader.read(file, DETECT).records().getFirst().sequence());
  }

  @Test
  void brokenGzipIsNamed() throws IOException {
    byte[] whole = gzip("Sequence\n" + "AUGC".repeat(1000));
    Path file = Files.write(folder.resolve("x.gz"), Arrays.copyOf(whole, whole.length - 12));
    var e = assertThrows(CodonfuseException.class, () -> SequenceReader.read(file, DETECT));
    assertEquals(file + ": is a truncated gzip file; get it again.", e.getMessage());
  }

  @Test
  void whatIsNoTextIsNamed() throws IOException {
    assertFails(
        "is not text in UTF-8",
        bytes("latin", "Séquence\nAUG".getBytes(StandardCharsets.ISO_8859_1)));
    assertFails("is a binary file", bytes("bin", new byte[] {'a', 0, 'b', '\n'}));
    assertFails("is an Excel workbook", bytes("xlsx", new byte[] {'P', 'K', 3, 4, 0, 0}));
    assertFails(
        "cannot be read (no such file or directory); check the path.",
        folder.resolve("absent.csv"));
    assertFails("cannot be read", folder);
  }

  @Test
  void badTextInTheMiddleOfAFileIsNamed() throws IOException {
    var text = new ByteArrayOutputStream();
    text.write("Sequence\n".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < 40_000; i++) {
      text.write("AUGC\n".getBytes(StandardCharsets.UTF_8));
    }
    text.write(0xff);
    assertFails("is not text in UTF-8", bytes("late", text.toByteArray()));
  }

  @Test
  void malformedTablesAreNamedWithTheirLine() {
    assertFails(":3: has 1 cell where the header has 2", "Sequence,Value\nAUG,1\nAUC\n");
    assertFails(":2: has 3 cells where the header has 2", "Sequence,Value\nAUG,1,2\n");
    assertFails(":3: a double quote is opened and never closed", "Sequence\nAUG\n\"AUC\nAUU\n");
    assertFails(":3: text follows a closing double quote", "Sequence\nAUG\n\"AUC\"x\n");
  }

  @Test
  void emptyFilesAreNamed() {
    assertFails(": is empty", "");
    assertFails(": is empty", " \n\n");
    assertFails(": has a header line and no rows", "Sequence,Value\n");
    assertFails(": has no sequence", "; nothing\n");
  }

  @Test
  void missingAndAmbiguousColumnsListTheColumnsThereAre() {
    assertFails(
        ": no column is named like a sequence (Sequence, CDS, RNA, mRNA, seq); choose"
            + " --sequence-column among gene, letters.",
        "gene,letters\na,AUG\n");
    assertFails(
        ": the columns Sequence and CDS are both candidates; choose --sequence-column among"
            + " CDS, Sequence.",
        "CDS,Sequence\nAUG,AUG\n");
    var e =
        assertThrows(UsageException.class, () -> read("Sequence,Value\nAUG,1\n", target("speed")));
    assertTrue(
        e.getMessage()
            .endsWith("has no column 'speed'; choose --target-column among Sequence, Value."),
        e::getMessage);
  }

  @Test
  void identifiersAreUnique() {
    assertFails(":4: the identifier 'a' is that of line 2 too", "id,CDS\na,AUG\nb,AUG\na,AUC\n");
    assertFails(":3: the identifier 'a' is that of line 1 too", ">a\nAUG\n>a\nAUG\n");
    assertFails(":2: the identifier in column 'id' is empty", "id,CDS\n,AUG\n");
    assertFails(":3: the sequence has no name", ">a\nAUG\n> \nAUG\n");
  }

  @Test
  void labelsThatDoNotFitAreNamed() {
    Path labels = write("labels.csv", "id,Value\na,1\n");
    assertFails("labels.csv: has no row for 'b'", ">a\nAUG\n>b\nAUC\n", labels(labels));
    Path anonymous = write("anonymous.csv", "gene,Value\na,1\n");
    assertFails("; choose --id-column among gene, Value.", ">a\nAUG\n", labels(anonymous));
    Path twice = write("twice.csv", "id,Value\na,1\na,2\n");
    assertFails("twice.csv:3: the identifier 'a'", ">a\nAUG\n", labels(twice));
    assertFails("is no FASTA file", "Sequence\nAUG\n", labels(labels));
    assertFails(
        "has no columns; give the CSV file of them with --labels.", ">a\nAUG\n", target("Value"));
    assertFails(
        "has no columns; leave out --sequence-column.",
        ">a\nAUG\n",
        new ReadOptions(
            Optional.of("x"), List.of(), Optional.empty(), Optional.empty(), Optional.empty()));
  }

  private static ReadOptions labels(Path table) {
    return new ReadOptions(
        Optional.empty(), List.of(), Optional.empty(), Optional.empty(), Optional.of(table));
  }

  private static ReadOptions target(String column) {
    return ReadOptions.detect().withTargetColumns(List.of(column));
  }

  private SequenceTable read(String text, ReadOptions options) {
    return SequenceReader.read(write("data.txt", text), options);
  }

  private void assertFails(String message, String text) {
    assertFails(message, text, DETECT);
  }

  private void assertFails(String message, String text, ReadOptions options) {
    assertFails(message, write("bad.txt", text), options);
  }

  private void assertFails(String message, Path file) {
    assertFails(message, file, DETECT);
  }

  private static void assertFails(String message, Path file, ReadOptions options) {
    var e = assertThrows(CodonfuseException.class, () -> SequenceReader.read(file, options));
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path bytes(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private static byte[] gzip(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}

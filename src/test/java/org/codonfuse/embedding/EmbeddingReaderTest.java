package org.codonfuse.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.codonfuse.TestBackends;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.encoder.Encoder;
import org.codonfuse.encoder.EncoderFamily;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddingReaderTest {
  @TempDir Path temporary;
  private final List<String> notes = new ArrayList<>();

  private EmbeddingInputs read(
      EncoderFamily family, Optional<Molecule> given, int code, String content) throws IOException {
    Path file = temporary.resolve("input");
    Files.writeString(file, content);
    try (Backend backend = TestBackends.open("scalar");
        Encoder encoder = new EmbeddingFixture(temporary).encoder(backend, family)) {
      return EmbeddingReader.read(
          file, ReadOptions.detect(), encoder, given, GeneticCode.of(code), notes::add);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NUCLEOTIDE_TRANSFORMER_V2, ATGTGATTN, DNA",
    "RNA_FM, AUGUGAUUN, RNA",
    "ESM2, M*X, PROTEIN"
  })
  void codingSequencesBecomeWhatTheModelReads(
      EncoderFamily family, String letters, Molecule molecule) throws IOException {
    EmbeddingInputs inputs = read(family, Optional.empty(), 1, ">a x\natgTGA\nuun\n");
    assertEquals(molecule, inputs.molecule());
    assertEquals(List.of(new EmbeddingInput("a", letters)), inputs.sequences());
    assertEquals(molecule == Molecule.PROTEIN, inputs.code().isPresent());
    assertTrue(notes.stream().anyMatch(note -> note.contains("1 of 1 sequences with lower")));
  }

  @Test
  void theGeneticCodeTranslates() throws IOException {
    String csv = "id,sequence\nq,AUGUGA\n";
    EmbeddingInputs inputs = read(EncoderFamily.ESM2, Optional.empty(), 2, csv);
    assertEquals("MW", inputs.sequences().getFirst().letters());
    assertEquals(2, inputs.code().orElseThrow().number());
  }

  @Test
  void proteinsAreToldByTheirLettersForAProteinModel() throws IOException {
    // "GAGA" alone might be nucleotides; the file decides.
    EmbeddingInputs inputs =
        read(EncoderFamily.ESM2, Optional.empty(), 1, ">a\nMKTLLIPFE*\n>b\ngaga\n");
    assertEquals(Molecule.PROTEIN, inputs.molecule());
    assertEquals(Optional.empty(), inputs.code());
    assertEquals(
        List.of(new EmbeddingInput("a", "MKTLLIPFE*"), new EmbeddingInput("b", "GAGA")),
        inputs.sequences());
    assertTrue(notes.getFirst().contains("read as proteins"), notes.toString());
  }

  @Test
  void whatIsGivenPrevails() throws IOException {
    EmbeddingInputs proteins =
        read(EncoderFamily.ESM2, Optional.of(Molecule.PROTEIN), 1, ">a\nGATTACA\n");
    assertEquals("GATTACA", proteins.sequences().getFirst().letters());
    var e =
        assertThrows(
            CodonfuseException.class,
            () -> read(EncoderFamily.ESM2, Optional.of(Molecule.RNA), 1, ">a\nMKTLLIPFE\n"));
    assertTrue(e.getMessage().contains("input:1"), e.getMessage());
  }

  @Test
  void proteinsForANucleotideModelAreRefused() {
    assertThrows(
        UsageException.class,
        () -> read(EncoderFamily.RNA_FM, Optional.of(Molecule.PROTEIN), 1, ">a\nMKT\n"));
    var e =
        assertThrows(
            CodonfuseException.class,
            () -> read(EncoderFamily.RNA_FM, Optional.empty(), 1, ">a\nMKTLLIPFE\n"));
    assertTrue(e.getMessage().contains("not the protein"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "'>a\nAUG\n>b\nAULG', input:3",
    "'>a\nAUG\n>b\n', input:3",
    "'>a\nAUG\n>b\nAU\n', input:3",
    "'id,sequence\na,AUG\nb,\n', input:3",
  })
  void anUnusableSequenceIsNamedWithItsLine(String content, String where) {
    var e =
        assertThrows(
            CodonfuseException.class,
            () -> read(EncoderFamily.RNA_FM, Optional.empty(), 1, content));
    assertTrue(e.getMessage().contains(where + ": "), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"'>a\nMKTLL-PFE\n', '-'", "'>a\nMKTLL PFE\n', U+0020", "'>a\nMKTLL1PFE\n', '1'"})
  void whatIsNoResidueIsNamed(String content, String character) {
    var e =
        assertThrows(
            CodonfuseException.class,
            () -> read(EncoderFamily.ESM2, Optional.of(Molecule.PROTEIN), 1, content));
    assertTrue(e.getMessage().contains(character), e.getMessage());
    assertTrue(e.getMessage().contains("position 6"), e.getMessage());
  }
}

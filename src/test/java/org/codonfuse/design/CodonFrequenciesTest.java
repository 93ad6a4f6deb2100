package org.codonfuse.design;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Codons;
import org.codonfuse.sequence.GeneticCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodonFrequenciesTest {
  @TempDir private Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("usage"), text);
  }

  /** Codon n has the frequency n + 1. */
  private static String csv() {
    StringBuilder csv = new StringBuilder("Codon;Frequency\n");
    for (int codon = 0; codon < Codons.COUNT; codon++) {
      csv.append(Codons.letters(codon).replace('U', 'T'))
          .append(';')
          .append(codon + 1)
          .append('\n');
    }
    return csv.toString();
  }

  @Test
  void tablesAreRead() throws IOException {
    CodonFrequencies frequencies = CodonFrequencies.read(write(csv()));
    // UUU and UUC are the first and the second.
    assertEquals(0.5, frequencies.relative(0, GeneticCode.standard()));
    assertEquals(1, frequencies.relative(1, GeneticCode.standard()));
  }

  @Test
  void tablesOfTheCodonUsageDatabaseAreRead() throws IOException {
    StringBuilder text = new StringBuilder("Homo sapiens [gbpri]: 93487 CDS's\n");
    StringBuilder withAminoAcids = new StringBuilder();
    for (int codon = 0; codon < Codons.COUNT; codon++) {
      String end = codon % 4 == 3 ? "\n" : "  ";
      text.append("%s %d.5( %d)".formatted(Codons.letters(codon), codon, 100 * codon)).append(end);
      withAminoAcids
          .append("%s F 0.43 %d.5 (%d)".formatted(Codons.letters(codon), codon, 100 * codon))
          .append(end);
    }
    List<Double> frequencies = CodonFrequencies.read(write(text.toString())).frequencies();
    assertEquals(0.5, frequencies.getFirst());
    assertEquals(63.5, frequencies.getLast());
    assertEquals(
        frequencies, CodonFrequencies.read(write(withAminoAcids.toString())).frequencies());
  }

  @Test
  void codonsThatAreTooRareAreNoChoice() throws IOException {
    CodonFrequencies frequencies = CodonFrequencies.read(write(csv()));
    Constraints constraints = new Constraints(List.of(new Constraint.MinUsage(frequencies, 0.7)));
    // Ala: GCU is 53 of 56. Phe: UUU is 1 of 2. Met stays.
    SynonymousSpace space =
        SynonymousSpace.of(
            new CodingSequence("s", "AUGGCUUUUUAA"), GeneticCode.standard(), constraints, false);
    assertEquals(4, space.choices(1));
    assertEquals(1, space.choices(2));
    assertEquals("UUC", space.letters(2, 0));
  }

  @Test
  void whatIsNoTableIsRefused() throws IOException {
    check("Codon,Frequency\nUUU,1\n", "has no frequency of UUC; give those of all 64 codons.");
    check(csv() + "TTT;3\n", ":66: the codon UUU is there twice; remove one.");
    check(csv().replace(";5\n", ";-5\n"), ":6: 'TCT' with the frequency '-5' is no codon with");
    check("a,b\n1,2\n", "is no table of codon usage");
    String missing =
        assertThrows(CodonfuseException.class, () -> CodonFrequencies.read(folder.resolve("none")))
            .getMessage();
    assertTrue(missing.contains("no such file"), missing);
  }

  private void check(String text, String expected) throws IOException {
    Path file = write(text);
    String message =
        assertThrows(CodonfuseException.class, () -> CodonFrequencies.read(file)).getMessage();
    assertTrue(message.startsWith(file.toString()) && message.contains(expected), message);
  }
}

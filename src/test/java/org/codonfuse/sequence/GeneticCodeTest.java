package org.codonfuse.sequence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GeneticCodeTest {
  @Test
  void everyCurrentNcbiTableIsThere() {
    assertEquals(
        List.of(
            1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
            31, 32, 33),
        GeneticCode.numbers());
  }

  static List<Integer> numbers() {
    return GeneticCode.numbers();
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void everyTableHasAnAminoAcidPerCodonAndAtgAsStart(int number) {
    GeneticCode code = GeneticCode.of(number);
    for (int codon = 0; codon < 64; codon++) {
      char aminoAcid = code.translate(codon);
      assertTrue("ACDEFGHIKLMNPQRSTVWY*".indexOf(aminoAcid) >= 0, "codon " + codon);
    }
    assertTrue(code.isStart("ATG"));
    assertEquals('M', code.translate("AUG"));
    assertEquals('W', code.translate("TGG"));
  }

  @ParameterizedTest
  @CsvSource({
    "1,TGA,*", "1,CTG,L", "1,ATA,I", "2,AGA,*", "2,ATA,M", "2,TGA,W", "3,CTG,T", "4,TGA,W",
    "5,AGG,S", "6,TAA,Q", "9,AAA,N", "10,TGA,C", "11,TGA,*", "12,CTG,S", "13,AGA,G", "14,TAA,Y",
    "15,TAG,Q", "16,TAG,L", "21,AAA,N", "22,TCA,*", "23,TTA,*", "24,AGG,K", "25,TGA,G", "26,CTG,A",
    "27,TGA,W", "28,TAA,Q", "29,TAG,Y", "30,TAA,E", "31,TAG,E", "32,TAG,W", "33,TAA,Y"
  })
  void tablesDifferFromTheStandardCodeWhereNcbiSays(int table, String codon, char aminoAcid) {
    assertEquals(aminoAcid, GeneticCode.of(table).translate(codon));
  }

  @ParameterizedTest
  @CsvSource({
    "GCN,A", "CTN,L", "YTR,L", "MGR,R", "TAR,*", "TRA,*", "ATH,I", "ATN,X", "RAY,X", "NNN,X",
    "AUR,X", "UCN,S", "AGN,X"
  })
  void ambiguousCodonsAreWhatAllTheirExpansionsAgreeOn(String codon, char aminoAcid) {
    assertEquals(aminoAcid, GeneticCode.standard().translate(codon));
  }

  @ParameterizedTest
  @CsvSource({
    "1,AUG,true",
    "1,TTG,true",
    "1,GTG,false",
    "11,GTG,true",
    "1,YTG,true",
    "1,NTG,false"
  })
  void startCodonsDependOnTheTable(int table, String codon, boolean start) {
    assertEquals(start, GeneticCode.of(table).isStart(codon));
  }

  @Test
  void anUnknownTableNamesThoseThereAre() {
    var e = assertThrows(UsageException.class, () -> GeneticCode.of(7));
    assertTrue(e.getMessage().startsWith("there is no NCBI genetic code 7; choose one of 1, 2, 3"));
    assertTrue(e.getMessage().endsWith("32, 33."));
  }

  @Test
  void whatIsNoCodonIsRefused() {
    GeneticCode code = GeneticCode.standard();
    assertThrows(IllegalArgumentException.class, () -> code.translate("AT"));
    assertThrows(IllegalArgumentException.class, () -> code.translate("AXG"));
    assertThrows(IllegalArgumentException.class, () -> code.translate("atg"));
    assertFalse(code.toString().isEmpty());
  }
}

package org.codonfuse.sequence;

import java.util.List;

/**
 * The genetic codes that NCBI defines (The Genetic Codes, version 4.6): per table the amino acid
 * and the start flag of the 64 codons in the order TTT, TTC, TTA, TTG, TCT, …, GGG. Where a codon
 * is both a stop and an amino acid (tables 27, 28 and 31) the amino acid counts, as in NCBI's own
 * strings.
 */
final class NcbiTables {
  /** One code; {@code aminoAcids} and {@code starts} have 64 characters, a start is an M. */
  record Table(int number, String name, String aminoAcids, String starts) {}

  private NcbiTables() {}

  static final List<Table> ALL =
      List.of(
          new Table(
              1,
              "Standard",
              "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "---M---------------M---------------M----------------------------"),
          new Table(
              2,
              "Vertebrate Mitochondrial",
              "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
              "--------------------------------MMMM---------------M------------"),
          new Table(
              3,
              "Yeast Mitochondrial",
              "FFLLSSSSYY**CCWWTTTTPPPPHHQQRRRRIIMMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "----------------------------------MM---------------M------------"),
          new Table(
              4,
              "Mold, Protozoan and Coelenterate Mitochondrial; Mycoplasma; Spiroplasma",
              "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "--MM---------------M------------MMMM---------------M------------"),
          new Table(
              5,
              "Invertebrate Mitochondrial",
              "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSSSVVVVAAAADDEEGGGG",
              "---M----------------------------MMMM---------------M------------"),
          new Table(
              6,
              "Ciliate, Dasycladacean and Hexamita Nuclear",
              "FFLLSSSSYYQQCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              9,
              "Echinoderm and Flatworm Mitochondrial",
              "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
              "-----------------------------------M---------------M------------"),
          new Table(
              10,
              "Euplotid Nuclear",
              "FFLLSSSSYY**CCCWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              11,
              "Bacterial, Archaeal and Plant Plastid",
              "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "---M---------------M------------MMMM---------------M------------"),
          new Table(
              12,
              "Alternative Yeast Nuclear",
              "FFLLSSSSYY**CC*WLLLSPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-------------------M---------------M----------------------------"),
          new Table(
              13,
              "Ascidian Mitochondrial",
              "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSGGVVVVAAAADDEEGGGG",
              "---M------------------------------MM---------------M------------"),
          new Table(
              14,
              "Alternative Flatworm Mitochondrial",
              "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              15,
              "Blepharisma Macronuclear",
              "FFLLSSSSYY*QCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              16,
              "Chlorophycean Mitochondrial",
              "FFLLSSSSYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              21,
              "Trematode Mitochondrial",
              "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
              "-----------------------------------M---------------M------------"),
          new Table(
              22,
              "Scenedesmus obliquus Mitochondrial",
              "FFLLSS*SYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              23,
              "Thraustochytrium Mitochondrial",
              "FF*LSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "--------------------------------M--M---------------M------------"),
          new Table(
              24,
              "Pterobranchia Mitochondrial",
              "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
              "---M---------------M---------------M---------------M------------"),
          new Table(
              25,
              "Candidate Division SR1",
              "FFLLSSSSYY**CCGWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "---M-------------------------------M---------------M------------"),
          new Table(
              26,
              "Pachysolen tannophilus Nuclear",
              "FFLLSSSSYY**CC*WLLLAPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-------------------M---------------M----------------------------"),
          new Table(
              27,
              "Karyorelict Nuclear",
              "FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              28,
              "Condylostoma Nuclear",
              "FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              29,
              "Mesodinium Nuclear",
              "FFLLSSSSYYYYCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              30,
              "Peritrich Nuclear",
              "FFLLSSSSYYEECC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              31,
              "Blastocrithidia Nuclear",
              "FFLLSSSSYYEECCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "-----------------------------------M----------------------------"),
          new Table(
              32,
              "Balanophoraceae Plastid",
              "FFLLSSSSYY*WCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
              "---M---------------M------------MMMM---------------M------------"),
          new Table(
              33,
              "Cephalodiscidae Mitochondrial",
              "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
              "---M---------------M---------------M---------------M------------"));
}

package org.codonfuse.datasets;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A data set of the <a href="https://github.com/Sanofi-Public/CodonBERT">CodonBERT repository</a>,
 * at one commit.
 *
 * @param name what it is asked for by
 * @param file its name in the repository, of {@value #FOLDER}
 * @param blob git's SHA-1 of its content as a blob
 * @param measured what was measured
 * @param source the address of the publication that measured it
 * @param maxLength the longest sequence, in nucleotides, that BioLangFusion (Table 4) used of it
 */
public record PublicDataset(
    String name, String file, String blob, String measured, String source, OptionalInt maxLength) {
  /** The repository on GitHub. */
  public static final String REPOSITORY = "Sanofi-Public/CodonBERT";

  /** The commit whose files these are. */
  public static final String COMMIT = "9c31ecc6631df08794c373c5d715235649e2181a";

  /** Says in a word what the licence allows. */
  public static final String LICENCE = "academic and non-commercial use only";

  /** Where the files are. */
  static final String FOLDER = "benchmarks/CodonBERT/data/fine-tune";

  /** The licence's file, and git's SHA-1 of it. */
  static final String LICENCE_FILE = "ARTIFACT_LICENSE.md";

  static final String LICENCE_BLOB = "511f575e2e0d96653aa0f02b1977f979e3f6a40a";

  private static final OptionalInt ALL = OptionalInt.empty();

  /** Longer ones are left out of those sets that have them. */
  private static final OptionalInt THOUSAND = OptionalInt.of(1000);

  /** All of them. */
  public static final List<PublicDataset> KNOWN =
      List.of(
          new PublicDataset(
              "cov-vac",
              "CoV_Vaccine_Degradation.csv",
              "779e57f903fa7d69fbf5ea7899ee88cde47e87cb",
              "degradation",
              "https://doi.org/10.1038/s42256-022-00571-8",
              ALL),
          new PublicDataset(
              "fungal",
              "Fungal_expression.csv",
              "6a7285a37b5363c02e44c2829a39c9e5c7f4972e",
              "expression",
              "https://doi.org/10.1093/molbev/msab372",
              THOUSAND),
          new PublicDataset(
              "ecoli",
              "E.Coli_proteins.csv",
              "1e987a30fffe9c5f2b892b142ef5705c1025563d",
              "expression, three classes",
              "https://www.sciencedirect.com/science/article/pii/S2001037022000745",
              THOUSAND),
          new PublicDataset(
              "mrna-stability",
              "mRNA_Stability.csv",
              "15f2a3af6b9ff5ce9bf5b06abd19631083bcfa9a",
              "stability",
              "https://doi.org/10.1038/s41598-022-15526-7",
              THOUSAND),
          new PublicDataset(
              "mrfp",
              "mRFP_Expression.csv",
              "a2662bf85a2ed04c309b5848753105738d8aff1f",
              "expression of mRFP",
              "https://academic.oup.com/nar/article/51/5/2363/7016452",
              ALL),
          new PublicDataset(
              "riboswitches",
              "Tc-Riboswitches.csv",
              "18513e98f0691b2c457be02d3460c7d39de281ab",
              "switching factor",
              "https://doi.org/10.1021/acssynbio.8b00207",
              ALL),
          new PublicDataset(
              "mlos",
              "MLOS.csv",
              "36f5bc45de3596b8cb90d7eb664f8662ccf4c036",
              "expression of haemagglutinin",
              "https://doi.org/10.1101/2023.09.09.556981",
              ALL));

  /** The data set of that name. */
  public static Optional<PublicDataset> find(String name) {
    return KNOWN.stream().filter(dataset -> dataset.name.equals(name)).findFirst();
  }

  /** Its path in the repository. */
  String path() {
    return FOLDER + "/" + file;
  }
}

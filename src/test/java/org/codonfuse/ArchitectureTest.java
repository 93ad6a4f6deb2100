package org.codonfuse;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Which package may know which: sequence → token → encoder → alignment → embedding → fusion → head
 * → training and explain → report; the command line on top, compute and weights at the ground.
 */
@AnalyzeClasses(packages = "org.codonfuse", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  /** User errors and output files: what everything may use. */
  private static final String ROOT = "org.codonfuse";

  private static final String IO = "org.codonfuse.io..";
  private static final String CLUSTER = "org.codonfuse.cluster..";
  private static final String DOWNLOAD = "org.codonfuse.download..";
  private static final String DATASETS = "org.codonfuse.datasets..";
  private static final String SEQUENCE = "org.codonfuse.sequence..";
  private static final String TOKEN = "org.codonfuse.token..";
  private static final String COMPUTE = "org.codonfuse.compute";
  private static final String WEIGHTS = "org.codonfuse.weights..";
  private static final String PARAMETERS = "org.codonfuse.parameters..";
  private static final String ENCODER = "org.codonfuse.encoder..";
  private static final String EMBEDDING = "org.codonfuse.embedding..";
  private static final String ALIGNMENT = "org.codonfuse.alignment..";
  private static final String FUSION = "org.codonfuse.fusion..";
  private static final String LORA = "org.codonfuse.lora..";
  private static final String TRAINING = "org.codonfuse.training..";
  private static final String PRETRAINING = "org.codonfuse.pretraining..";
  private static final String BENCH = "org.codonfuse.bench..";
  private static final String EXPLAIN = "org.codonfuse.explain..";
  private static final String DESIGN = "org.codonfuse.design..";
  private static final String BASELINE = "org.codonfuse.baseline..";
  private static final String EXPERIMENT = "org.codonfuse.experiment..";
  private static final String REPORT = "org.codonfuse.report..";

  @ArchTest static final ArchRule groundKnowsNothingOfOurs = only("org.codonfuse.io..", ROOT);

  @ArchTest static final ArchRule processesKnowOnlyErrors = only(CLUSTER, ROOT, IO);

  @ArchTest
  static final ArchRule computeKnowsOnlyErrorsAndFiles =
      only("org.codonfuse.compute..", ROOT, IO, "org.codonfuse.compute..");

  @ArchTest
  static final ArchRule weightsKnowOnlyElementTypesAndFiles =
      only(WEIGHTS, ROOT, IO, DOWNLOAD, COMPUTE);

  @ArchTest static final ArchRule downloadsAreOnlyFiles = only(DOWNLOAD, ROOT, IO);

  @ArchTest
  static final ArchRule publicDataSetsAreDownloadsOnly = only(DATASETS, ROOT, IO, DOWNLOAD);

  @ArchTest static final ArchRule sequencesKnowOnlyFiles = only(SEQUENCE, ROOT, IO);

  @ArchTest static final ArchRule tokensComeFromSequences = only(TOKEN, ROOT, IO, SEQUENCE);

  @ArchTest
  static final ArchRule parametersAreTensorsFromWeights =
      only(PARAMETERS, ROOT, IO, COMPUTE, WEIGHTS);

  @ArchTest
  static final ArchRule benchmarksRunEncodersAndTrainingSteps =
      only(
          BENCH,
          ROOT,
          IO,
          COMPUTE,
          PARAMETERS,
          SEQUENCE,
          TOKEN,
          ENCODER,
          ALIGNMENT,
          FUSION,
          TRAINING);

  @ArchTest
  static final ArchRule encodersReadTokens =
      only(ENCODER, ROOT, IO, COMPUTE, WEIGHTS, PARAMETERS, SEQUENCE, TOKEN, LORA);

  @ArchTest
  static final ArchRule adaptersChangeParameters =
      only(LORA, ROOT, IO, COMPUTE, WEIGHTS, PARAMETERS);

  @ArchTest
  static final ArchRule alignmentIsComputedFromTokens =
      only(ALIGNMENT, ROOT, IO, COMPUTE, SEQUENCE, TOKEN);

  /** Tokens are pooled to codons as they are embedded: what is cached is aligned already. */
  @ArchTest
  static final ArchRule embeddingsComeFromEncodersAndAlignment =
      only(EMBEDDING, ROOT, IO, COMPUTE, WEIGHTS, SEQUENCE, TOKEN, ENCODER, ALIGNMENT);

  @ArchTest
  static final ArchRule fusionFollowsEmbeddings =
      only(FUSION, ROOT, IO, COMPUTE, WEIGHTS, PARAMETERS, SEQUENCE, ALIGNMENT, EMBEDDING);

  @ArchTest
  static final ArchRule fusionKnowsNoHead =
      noClasses()
          .that()
          .resideInAPackage("org.codonfuse.fusion")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.codonfuse.fusion.head..")
          .allowEmptyShould(true);

  /** The same loop as predictors have, over sequences that are embedded nowhere. */
  @ArchTest
  static final ArchRule pretrainingTrainsEncoders =
      only(
          PRETRAINING,
          ROOT,
          IO,
          COMPUTE,
          WEIGHTS,
          PARAMETERS,
          SEQUENCE,
          TOKEN,
          ENCODER,
          EMBEDDING,
          LORA,
          TRAINING);

  @ArchTest
  static final ArchRule metricsKnowNothingOfTraining =
      only("org.codonfuse.training.metrics..", ROOT, IO, SEQUENCE);

  @ArchTest
  static final ArchRule trainingKnowsNeitherExplanationsNorReports =
      nobodyIn(TRAINING, EXPLAIN, REPORT);

  @ArchTest
  static final ArchRule trainingKnowsNeitherBaselinesNorExperiments =
      nobodyIn(TRAINING, BASELINE, EXPERIMENT);

  @ArchTest static final ArchRule baselinesKnowNoExperiments = nobodyIn(BASELINE, EXPERIMENT);

  @ArchTest
  static final ArchRule designsComeFromTrainedModels =
      only(DESIGN, ROOT, IO, SEQUENCE, TRAINING, EXPLAIN);

  @ArchTest
  static final ArchRule nobodyBelowKnowsDesigns =
      noClasses()
          .that()
          .resideOutsideOfPackages(DESIGN, "org.codonfuse.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(DESIGN);

  /** Of computing only the names of element types, of weights the hash that data are known by. */
  @ArchTest
  static final ArchRule reportsShowWhatOthersFound =
      only(
          REPORT,
          ROOT,
          IO,
          SEQUENCE,
          COMPUTE,
          WEIGHTS,
          FUSION,
          TRAINING,
          EXPLAIN,
          BASELINE,
          EXPERIMENT);

  @ArchTest
  static final ArchRule chartsKnowOnlyFiles = only("org.codonfuse.report.chart..", ROOT, IO);

  @ArchTest
  static final ArchRule nobodyBelowKnowsReports =
      noClasses()
          .that()
          .resideOutsideOfPackages(REPORT, "org.codonfuse.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(REPORT);

  @ArchTest
  static final ArchRule nothingDependsOnTheCommandLine =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.codonfuse.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.codonfuse.cli..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule implementationsOfBackendsAreFoundAndNotNamed =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.codonfuse.compute..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.codonfuse.compute.*..");

  @ArchTest
  static final ArchRule backendsKnowNoOtherBackend =
      slices()
          .matching("org.codonfuse.compute.(*)..")
          .should()
          .notDependOnEachOther()
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyTorchCallsNativeCode =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.codonfuse.compute.torch..")
          .should()
          .dependOnClassesThat(nativeLinking())
          .orShould()
          .dependOnClassesThat()
          .resideInAPackage("org.codonfuse.compute.torch.binding..");

  @ArchTest
  static final ArchRule onlyVectorUsesTheVectorApi =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.codonfuse.compute.vector..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator.vector..");

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("org.codonfuse.(*)..").should().beFreeOfCycles();

  /** Classes of a package use of ours only that package and the allowed ones. */
  private static ArchRule only(String of, String... allowed) {
    DescribedPredicate<JavaClass> others =
        resideInAPackage("org.codonfuse..")
            .and(resideOutsideOfPackages(allowed))
            .and(resideOutsideOfPackages(of));
    return noClasses()
        .that()
        .resideInAPackage(of)
        .should()
        .dependOnClassesThat(others)
        .as("Of our packages " + of + " uses only " + String.join(", ", allowed))
        .allowEmptyShould(true);
  }

  private static ArchRule nobodyIn(String of, String... forbidden) {
    return noClasses()
        .that()
        .resideInAPackage(of)
        .should()
        .dependOnClassesThat(resideInAnyPackage(forbidden))
        .allowEmptyShould(true);
  }

  private static DescribedPredicate<JavaClass> nativeLinking() {
    return DescribedPredicate.describe(
        "link native code",
        type ->
            type.getName().startsWith("java.lang.foreign.Linker")
                || type.getName().startsWith("java.lang.foreign.SymbolLookup"));
  }
}

package org.codonfuse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Work;
import org.codonfuse.embedding.AlignmentJob;
import org.codonfuse.embedding.AlignmentReport;
import org.codonfuse.embedding.AlignmentSettings;
import org.codonfuse.embedding.StoredSequences;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.StoreManifest.Shard;
import org.codonfuse.io.AtomicFiles;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.codonfuse.training.run.TrainedKernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code codonfuse align}: the embeddings of several encoders side by side, a row a codon. */
@Command(
    name = "align",
    description = {
      "Aligns the stores of a DNA, an RNA and a protein encoder at the codon, side by side in one.",
      "Columns are DNA, RNA, protein. A codon of RNA is the mean of its nucleotides, of DNA its"
          + " window of six. Run again, it goes on where it stopped."
    })
final class AlignCommand implements Callable<Integer> {
  @Mixin private GlobalOptions global;
  @Mixin private JsonOption json;
  @Mixin private BackendOptions backendOptions;
  @Mixin private DataOptions dataOptions;
  @Mixin private ShardOption shardOption;

  @Option(
      names = "--dna",
      paramLabel = "STORE",
      description = "Embeddings of DNA, of --pool none or window.")
  private Optional<Path> dna = Optional.empty();

  @Option(
      names = "--rna",
      paramLabel = "STORE",
      description = "Embeddings of RNA, of --pool none or codon.")
  private Optional<Path> rna = Optional.empty();

  @Option(
      names = "--protein",
      paramLabel = "STORE",
      description = "Embeddings of the protein, of --pool none or codon.")
  private Optional<Path> protein = Optional.empty();

  @Option(
      names = "--run",
      paramLabel = "RUN",
      description =
          "Take windows of DNA apart with the transposed convolution of this trained run (default:"
              + " both codons have the row of their window).")
  private Optional<Path> run = Optional.empty();

  @Option(
      names = "--input",
      paramLabel = "FILE",
      required = true,
      description = "The sequences that the stores are of: CSV or FASTA, may be gzipped.")
  private Path input;

  @Option(
      names = "--output",
      paramLabel = "STORE",
      required = true,
      description = "Directory of the store; one with the same settings is gone on with.")
  private Path output;

  @Option(
      names = "--store-as",
      paramLabel = "TYPE",
      defaultValue = "float32",
      description =
          "Element type of the stored rows: float32, bfloat16 or float16 (default:"
              + " ${DEFAULT-VALUE}).")
  private String storeAs;

  @Override
  public Integer call() {
    Console console = global.console();
    Precision stored = Precision.of(storeAs);
    Map<Molecule, Path> given = given();
    requireOutput(given);
    Optional<Shard> share = shardOption.share(console);
    List<EmbeddingStore> stores = new ArrayList<>();
    try {
      given.forEach((molecule, store) -> stores.add(StoredSequences.open(molecule, store)));
      AlignmentSettings settings =
          new AlignmentSettings(
              stores,
              run.map(TrainedKernel::read),
              stored.dtype(),
              share,
              VersionProvider.version());
      try (Backend backend = backendOptions.open(global, console, Work.INFERENCE).backend()) {
        report(console, backend, align(console, backend, settings));
      }
    } finally {
      stores.forEach(EmbeddingStore::close);
    }
    return 0;
  }

  private AlignmentReport align(Console console, Backend backend, AlignmentSettings settings) {
    Dataset dataset =
        Dataset.loadUnlabelled(
            input,
            dataOptions.read(),
            DatasetOptions.evaluation(Task.REGRESSION, List.of()).withCode(settings.code()));
    dataset.diagnostics().toTable().lines().forEach(console::note);
    return AlignmentJob.run(backend, settings, dataset, output, console.progress());
  }

  /** In the order of the columns. */
  private Map<Molecule, Path> given() {
    Map<Molecule, Path> given = new EnumMap<>(Molecule.class);
    dna.ifPresent(store -> given.put(Molecule.DNA, store));
    rna.ifPresent(store -> given.put(Molecule.RNA, store));
    protein.ifPresent(store -> given.put(Molecule.PROTEIN, store));
    if (given.isEmpty()) {
      throw new UsageException("nothing to align; give stores with --dna, --rna, --protein");
    }
    if (run.isPresent() && dna.isEmpty()) {
      throw new UsageException("--run takes windows of DNA apart; give their store with --dna");
    }
    return given;
  }

  /** Before anything is read. */
  private void requireOutput(Map<Molecule, Path> given) {
    if (Files.exists(output) && !Files.isDirectory(output)) {
      throw new UsageException("--output " + output + " is a file; name a directory");
    }
    try {
      for (Map.Entry<Molecule, Path> store : given.entrySet()) {
        if (isIn(store.getValue())) {
          throw new UsageException(
              "--output %s is, or lies in, the store given as --%s; choose another"
                  .formatted(output, store.getKey().label()));
        }
      }
    } catch (IOException e) {
      throw AtomicFiles.unreadable(output, e);
    }
  }

  private boolean isIn(Path store) throws IOException {
    for (Path place = output.toAbsolutePath().normalize();
        place != null && Files.exists(store);
        place = place.getParent()) {
      if (Files.exists(place) && Files.isSameFile(place, store)) {
        return true;
      }
    }
    return false;
  }

  private void report(Console console, Backend backend, AlignmentReport report) {
    if (report.cutSequences() > 0) {
      console.note(
          ("%d of %d sequences are longer than what all stores have of them; they are aligned up to"
                  + " the last codon that all have.")
              .formatted(report.cutSequences(), report.sequences()));
    }
    if (json.wanted()) {
      console.json(results(backend, report));
      return;
    }
    console.print(
        "%s: %d sequences (%d different), %d codons of %d values"
            .formatted(
                report.store(),
                report.sequences(),
                report.unique(),
                report.rows(),
                report.width()));
    console.print(
        report.alignedRows() == 0
            ? "Everything was there."
            : String.format(
                Locale.ROOT,
                "Aligned %d codons in %.1f s, %s",
                report.alignedRows(),
                report.seconds(),
                backend.description()));
  }

  private static Map<String, Object> results(Backend backend, AlignmentReport report) {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("store", report.store().toString());
    results.put("backend", backend.description());
    results.put("sequences", report.sequences());
    results.put("unique", report.unique());
    results.put("rows", report.rows());
    results.put("width", report.width());
    results.put("cut_sequences", report.cutSequences());
    results.put("aligned_rows", report.alignedRows());
    results.put("seconds", report.seconds());
    return results;
  }
}

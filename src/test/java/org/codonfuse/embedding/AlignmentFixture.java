package org.codonfuse.embedding;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToIntBiFunction;
import java.util.stream.IntStream;
import org.codonfuse.compute.Bfloat16;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.ElementBytes;
import org.codonfuse.embedding.store.EmbeddingStore;
import org.codonfuse.embedding.store.NamedSequence;
import org.codonfuse.embedding.store.PartWriter;
import org.codonfuse.embedding.store.Pooling;
import org.codonfuse.embedding.store.StoreManifest;
import org.codonfuse.embedding.store.StoreWriter;
import org.codonfuse.io.Progress;
import org.codonfuse.sequence.CodingSequence;
import org.codonfuse.sequence.Dataset;
import org.codonfuse.sequence.DatasetOptions;
import org.codonfuse.sequence.GeneticCode;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.ReadOptions;
import org.codonfuse.sequence.Task;
import org.codonfuse.token.Tokens;

/**
 * Token stores of made-up values, exact in every precision, whose sequences lie in an order of
 * their own, three a part; and what alignment must make of them, counted nucleotide by nucleotide.
 */
final class AlignmentFixture {
  private final Path folder;
  private final List<CodingSequence> sequences = new ArrayList<>();
  private final Map<Molecule, Map<String, float[][]>> values = new HashMap<>();

  AlignmentFixture(Path folder, String... rna) {
    this.folder = folder;
    for (String one : rna) {
      sequences.add(new CodingSequence("s" + sequences.size(), one));
    }
  }

  /** A store of this share of the tokens. */
  record Spec(Molecule molecule, DType stored, int width, int maxTokens) {
    static Spec of(Molecule molecule, DType stored, int width) {
      return new Spec(molecule, stored, width, 1024);
    }
  }

  Dataset dataset() {
    StringBuilder csv = new StringBuilder("id,sequence\n");
    sequences.forEach(one -> csv.append(one.id()).append(',').append(one.rna()).append('\n'));
    try {
      Path file = Files.writeString(folder.resolve("data.csv"), csv);
      return Dataset.loadUnlabelled(
          file, ReadOptions.detect(), DatasetOptions.evaluation(Task.REGRESSION, List.of()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  EmbeddingStore store(Spec spec) {
    return store(spec, (_, tokens) -> tokens.length());
  }

  /**
   * @param rows how many of a sequence's tokens are stored
   */
  EmbeddingStore store(Spec spec, ToIntBiFunction<CodingSequence, Tokens> rows) {
    Letters letters = Letters.of(spec.molecule(), GeneticCode.standard());
    Map<String, float[][]> byHash = new LinkedHashMap<>();
    List<NamedSequence> names = new ArrayList<>();
    Random random = new Random(spec.molecule().ordinal() + 7L);
    for (CodingSequence sequence : sequences) {
      String hash = letters.sha256(sequence);
      int count = rows.applyAsInt(sequence, letters.tokens(sequence));
      byHash.computeIfAbsent(
          hash,
          _ -> {
            float[][] made = new float[count][spec.width()];
            for (float[] row : made) {
              for (int i = 0; i < row.length; i++) {
                row[i] = random.nextInt(-64, 64) / 8f;
              }
            }
            return made;
          });
      names.add(new NamedSequence(sequence.id(), hash));
    }
    values.put(spec.molecule(), byHash);
    List<String> order = new ArrayList<>(byHash.keySet());
    Collections.shuffle(order, random);
    List<List<String>> plan = new ArrayList<>();
    for (int i = 0; i < order.size(); i += 3) {
      plan.add(order.subList(i, Math.min(order.size(), i + 3)));
    }
    Path directory = folder.resolve(spec.molecule().label());
    try (StoreWriter writer = StoreWriter.open(directory, manifest(spec), plan)) {
      for (int p = 0; p < plan.size(); p++) {
        List<float[][]> all = plan.get(p).stream().map(byHash::get).toList();
        try (PartWriter part = writer.part(p, all.stream().map(made -> made.length).toList())) {
          for (float[][] made : all) {
            for (float[] row : made) {
              part.append(ElementBytes.of(row, spec.stored()));
            }
          }
          part.commit();
        }
      }
      writer.finish(names, Map.of());
    }
    return EmbeddingStore.open(directory);
  }

  private static StoreManifest manifest(Spec spec) {
    return StoreManifest.settings(
        "test",
        new StoreManifest.Model(
            "models/" + spec.molecule().label(),
            null,
            ("%02x".formatted(0xa0 + spec.molecule().ordinal())).repeat(32),
            Map.of()),
        spec.molecule(),
        "tokens",
        "last",
        Pooling.NONE,
        new StoreManifest.Precisions(DType.FLOAT32, spec.stored()),
        "test engine",
        1,
        new StoreManifest.LongSequences("truncate", spec.maxTokens(), 0),
        spec.width(),
        4096,
        Optional.empty(),
        new StoreManifest.Input("ef".repeat(32), 6));
  }

  static AlignmentSettings settings(List<EmbeddingStore> stores) {
    return new AlignmentSettings(stores, Optional.empty(), DType.FLOAT32, Optional.empty(), "test");
  }

  static AlignmentReport align(
      org.codonfuse.compute.Backend backend,
      AlignmentSettings settings,
      Dataset dataset,
      Path output) {
    return AlignmentJob.run(
        backend,
        settings,
        dataset,
        output,
        Progress.NONE,
        new EmbeddingPlan.Limits(1 << 20, 40, 4));
  }

  /** The row of every codon of every sequence, by id. */
  Map<String, float[]> expected(List<Spec> streams, Optional<WindowKernel> kernel) {
    Map<String, float[]> expected = new LinkedHashMap<>();
    for (CodingSequence sequence : sequences) {
      int width = streams.stream().mapToInt(Spec::width).sum();
      float[] rows = new float[sequence.codons() * width];
      for (int codon = 0; codon < sequence.codons(); codon++) {
        int column = codon * width;
        for (Spec stream : streams) {
          float[] row = row(stream.molecule(), sequence, codon, kernel);
          System.arraycopy(row, 0, rows, column, row.length);
          column += row.length;
        }
      }
      expected.put(sequence.id(), rows);
    }
    return expected;
  }

  private float[] row(
      Molecule molecule, CodingSequence sequence, int codon, Optional<WindowKernel> kernel) {
    if (molecule != Molecule.DNA) {
      return mean(molecule, sequence, 3 * codon, 3 * codon + 3);
    }
    int window = codon / 2;
    float[] row = mean(molecule, sequence, 6 * window, Math.min(sequence.length(), 6 * window + 6));
    return kernel.map(given -> half(given, row, codon % 2)).orElse(row);
  }

  private static float[] half(WindowKernel kernel, float[] row, int which) {
    int out = (int) kernel.shape().dim(1);
    float[] half = new float[out];
    for (int i = 0; i < row.length; i++) {
      for (int o = 0; o < out; o++) {
        half[o] += row[i] * kernel.weight()[(i * out + o) * 2 + which];
      }
    }
    return half;
  }

  /** Of what stands for each of the nucleotides. */
  private float[] mean(Molecule molecule, CodingSequence sequence, int begin, int end) {
    Letters letters = Letters.of(molecule, GeneticCode.standard());
    Tokens tokens = letters.tokens(sequence);
    float[][] rows = values.get(molecule).get(letters.sha256(sequence));
    double[] sum = new double[rows[0].length];
    for (int n = begin; n < end; n++) {
      int nucleotide = n;
      int token =
          IntStream.range(0, tokens.length())
              .filter(t -> tokens.starts()[t] <= nucleotide && nucleotide < tokens.ends()[t])
              .findFirst()
              .orElseThrow();
      Arrays.setAll(sum, i -> sum[i] + rows[token][i]);
    }
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / (end - begin));
    }
    return mean;
  }

  /** As it is stored. */
  static float rounded(DType stored, float value) {
    return switch (stored) {
      case BFLOAT16 -> Bfloat16.toFloat(Bfloat16.of(value));
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      default -> value;
    };
  }
}

package org.codonfuse.fusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.codonfuse.Golden;
import org.codonfuse.alignment.CodonAlignment;
import org.codonfuse.alignment.Granularity;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Shape;
import org.codonfuse.fusion.head.TextCnnHead;
import org.codonfuse.parameters.Parameters;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.sequence.Task;
import org.codonfuse.token.Tokens;
import org.codonfuse.training.Examples;
import org.codonfuse.training.FusionModel;
import org.codonfuse.weights.SafetensorsFile;

/** A golden case of a fusion with its head: what two languages must compute alike. */
public record GoldenFusion(Path directory, JsonNode config, FusionModel model) {
  /** Every case. */
  public static List<GoldenFusion> all() {
    return Golden.cases("fusion", "config.json").stream().map(GoldenFusion::read).toList();
  }

  private static GoldenFusion read(Path directory) {
    JsonNode config;
    try {
      config = JsonMapper.builder().build().readTree(directory.resolve("config.json").toFile());
    } catch (IOException e) {
      throw new AssertionError(directory.toString(), e);
    }
    List<StreamSpec> streams =
        IntStream.range(0, Molecule.values().length)
            .mapToObj(
                i -> {
                  Molecule molecule = Molecule.values()[i];
                  return new StreamSpec(
                      molecule.label(),
                      molecule,
                      config.get("dims").get(i).asInt(),
                      Granularity.aligned(molecule));
                })
            .toList();
    Fusion fusion = fusion(config).create(streams);
    return new GoldenFusion(directory, config, new FusionModel(fusion, head(config, fusion)));
  }

  /** What a golden configuration says of its fusion. */
  static FusionConfig fusion(JsonNode config) {
    Upsampling exact = Upsampling.EXACT;
    return switch (config.get("fusion").asText()) {
      case FusionConfig.CONCAT -> new FusionConfig.Concat(config.get("dna_dim").asInt(), exact);
      case FusionConfig.MIL ->
          new FusionConfig.Mil(
              config.get("model_dim").asInt(),
              config.get("gate_dim").asInt(),
              config.get("entropy_weight").asDouble(),
              config.path("shared_gate").asBoolean(),
              false,
              exact);
      case FusionConfig.CROSS_ATTENTION ->
          new FusionConfig.CrossAttention(
              config.get("model_dim").asInt(), config.get("heads").asInt(), 0, exact);
      case String other -> throw new AssertionError("no fusion " + other);
    };
  }

  private static TextCnnHead head(JsonNode config, Fusion fusion) {
    List<Integer> kernels = new ArrayList<>();
    config.get("kernels").forEach(kernel -> kernels.add(kernel.asInt()));
    return new TextCnnHead(
        fusion.width(),
        config.get("head_dim").asInt(),
        kernels,
        config.get("channels").asInt(),
        0,
        config.get("outputs").asInt());
  }

  /** What the reference computed. */
  public SafetensorsFile expected() {
    return SafetensorsFile.open(directory.resolve("expected.safetensors"));
  }

  /** What the model learned. */
  public Parameters parameters(Backend backend) {
    return Parameters.load(backend, model.parameters(), directory.resolve("weights.safetensors"));
  }

  Task task() {
    return Task.valueOf(config.get("task").asText().toUpperCase(java.util.Locale.ROOT));
  }

  double number(String field) {
    return config.get(field).asDouble();
  }

  double[] targets(SafetensorsFile expected) {
    return switch (task()) {
      case REGRESSION -> {
        float[] values = expected.floats("target");
        yield IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
      }
      case CLASSIFICATION -> Arrays.stream(expected.longs("target")).asDoubleStream().toArray();
    };
  }

  /** All of its sequences as one batch. */
  Batch batch(Backend backend, SafetensorsFile expected) {
    Examples examples = examples(backend, expected);
    return examples.batch(backend, IntStream.range(0, examples.size()).toArray());
  }

  /** Its sequences. */
  public Examples examples(Backend backend, SafetensorsFile expected) {
    int members = config.get("nucleotides").size();
    List<StreamSpec> streams = model.fusion().streams();
    float[][][] rows = new float[streams.size()][members][];
    int[] codons = new int[members];
    for (int b = 0; b < members; b++) {
      int nucleotides = config.get("nucleotides").get(b).asInt();
      codons[b] = nucleotides / 3;
      for (int s = 0; s < streams.size(); s++) {
        StreamSpec stream = streams.get(s);
        String name = "input." + b + "." + stream.name();
        rows[s][b] =
            stream.molecule() == Molecule.RNA
                ? codonMeans(backend, expected, name, nucleotides)
                : expected.floats(name);
      }
    }
    return Examples.of(streams, rows, codons);
  }

  private static float[] codonMeans(
      Backend backend, SafetensorsFile expected, String name, int nucleotides) {
    Shape shape = expected.info(name).shape();
    int[] starts = IntStream.range(0, nucleotides).toArray();
    int[] ends = IntStream.rangeClosed(1, nucleotides).toArray();
    Tokens tokens = new Tokens(new int[nucleotides], starts, ends, 0, 0, 0);
    return backend
        .segmentSum(
            backend.tensor(expected.floats(name), shape),
            CodonAlignment.segments(Granularity.CODON, tokens, nucleotides, 0))
        .toFloats();
  }
}

package org.codonfuse.encoder;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.compute.Shape;
import org.codonfuse.weights.hub.HubModel;
import org.codonfuse.weights.hub.KnownFile;
import org.codonfuse.weights.hub.ModelFiles;

/**
 * A published encoder under a short name.
 *
 * @param name such as {@code esm2-8m}
 * @param family what it has in common with its other sizes
 * @param hub where it is published, and which revision of it is meant
 * @param licence of the weights
 * @param files which files of the repository it consists of
 * @param layers number of layers
 * @param hiddenSize width of the hidden states
 * @param heads number of attention heads
 * @param intermediateSize width inside the feed-forward network
 * @param known what its files must be, as far as that is known
 */
public record EncoderPreset(
    String name,
    EncoderFamily family,
    HubModel hub,
    String licence,
    ModelFiles files,
    int layers,
    int hiddenSize,
    int heads,
    int intermediateSize,
    Map<String, KnownFile> known) {
  private static final String WEIGHTS = "model.safetensors";
  private static final String ORIGINAL_RNA_FM = "RNA-FM_pretrained.pth";

  /** All presets, by family and size. */
  public static final List<EncoderPreset> ALL =
      List.of(
          esm2("8m", "t6_8M", 6, 320, 20)
              .at("c731040fcd8d73dceaa04b0a8e6329b345b0f5df")
              .with(
                  WEIGHTS,
                  "24c5fa474c48f3b754b86efe752d5f189d2bcd88190fa2270fc92b2ef3034189",
                  31_384_292),
          esm2("35m", "t12_35M", 12, 480, 20),
          esm2("150m", "t30_150M", 30, 640, 20),
          esm2("650m", "t33_650M", 33, 1280, 20),
          esm2("3b", "t36_3B", 36, 2560, 40),
          esm2("15b", "t48_15B", 48, 5120, 40),
          nucleotideTransformer("50m", 12, 512),
          nucleotideTransformer("100m", 22, 512).at("f34324c6fde36a4f635f0f1f06cac5d25acd6798"),
          nucleotideTransformer("250m", 24, 768),
          nucleotideTransformer("500m", 29, 1024),
          rnaFm(
              "rna-fm",
              "multimolecule/rnafm",
              "Apache-2.0, this conversion AGPL-3.0",
              ModelFiles.ENCODER),
          rnaFm("rna-fm-original", "cuhkaih/rnafm", "Apache-2.0", ModelFiles.only(ORIGINAL_RNA_FM))
              .with(
                  ORIGINAL_RNA_FM,
                  "5b5d7d87b37c291ef42c140ef9edf7aea29f255fa2a4fd435f776c52e93d5e99",
                  1_194_424_423));

  /** Copies the map. */
  public EncoderPreset {
    known = Map.copyOf(known);
  }

  /** The preset of that name. */
  public static Optional<EncoderPreset> find(String name) {
    return ALL.stream().filter(preset -> preset.name.equals(name)).findFirst();
  }

  /** Whether it is published as a model directory; else it has to be converted to one. */
  public boolean isDirectory() {
    return files.equals(ModelFiles.ENCODER);
  }

  /** The published configuration. */
  public EncoderConfig config() {
    return family.config(hiddenSize, layers, heads, intermediateSize);
  }

  /** Number of parameters, those of heads left out. */
  public long parameters() {
    return EncoderParameters.shapes(config()).values().stream().mapToLong(Shape::size).sum();
  }

  /** Size of the weights in bytes; in float32 if the size of the file is not known. */
  public long bytes() {
    return known.values().stream()
        .mapToLong(KnownFile::size)
        .max()
        .orElseGet(() -> Float.BYTES * parameters());
  }

  private static EncoderPreset esm2(
      String name, String published, int layers, int hiddenSize, int heads) {
    return new EncoderPreset(
        "esm2-" + name,
        EncoderFamily.ESM2,
        main("facebook/esm2_" + published + "_UR50D"),
        "MIT",
        ModelFiles.ENCODER,
        layers,
        hiddenSize,
        heads,
        4 * hiddenSize,
        Map.of());
  }

  private static EncoderPreset nucleotideTransformer(String size, int layers, int hiddenSize) {
    String name = "nucleotide-transformer-v2-" + size;
    return new EncoderPreset(
        name,
        EncoderFamily.NUCLEOTIDE_TRANSFORMER_V2,
        main("InstaDeepAI/" + name + "-multi-species"),
        "CC-BY-NC-SA-4.0",
        ModelFiles.ENCODER,
        layers,
        hiddenSize,
        16,
        4 * hiddenSize,
        Map.of());
  }

  private static EncoderPreset rnaFm(
      String name, String repository, String licence, ModelFiles files) {
    return new EncoderPreset(
        name, EncoderFamily.RNA_FM, main(repository), licence, files, 12, 640, 20, 5120, Map.of());
  }

  private static HubModel main(String repository) {
    return new HubModel(repository, HubModel.MAIN);
  }

  private EncoderPreset at(String commit) {
    return new EncoderPreset(
        name,
        family,
        new HubModel(hub.repository(), commit),
        licence,
        files,
        layers,
        hiddenSize,
        heads,
        intermediateSize,
        known);
  }

  private EncoderPreset with(String file, String sha256, long size) {
    return new EncoderPreset(
        name,
        family,
        hub,
        licence,
        files,
        layers,
        hiddenSize,
        heads,
        intermediateSize,
        Map.of(file, new KnownFile(sha256, size)));
  }
}

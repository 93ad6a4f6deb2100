package org.codonfuse.encoder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codonfuse.CodonfuseException;
import org.codonfuse.Spelling;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Shape;
import org.codonfuse.lora.LoraAdapter;
import org.codonfuse.lora.LoraFactors;
import org.codonfuse.lora.LoraSettings;
import org.codonfuse.parameters.Initializer;
import org.codonfuse.parameters.ParameterSpec;

/** The linear layers of an encoder, and which of them an adapter is for. */
public final class AdaptableModules {
  /** What all linear layers are called; not {@code dense}, which is in heads, too. */
  private static final List<String> EVERY =
      List.of("query", "key", "value", "intermediate.dense", "output.dense");

  private final int layers;
  private final List<AdaptableModule> all;

  private AdaptableModules(int layers, List<AdaptableModule> all) {
    this.layers = layers;
    this.all = List.copyOf(all);
  }

  /** Those of an encoder, layer by layer. */
  public static AdaptableModules of(EncoderConfig config) {
    String weight = ".weight";
    List<AdaptableModule> all = new ArrayList<>();
    EncoderParameters.shapes(config)
        .forEach(
            (ours, shape) -> {
              if (ours.startsWith("layer.") && ours.endsWith(weight) && shape.rank() == 2) {
                String published = CheckpointNames.published(config, ours);
                all.add(
                    new AdaptableModule(
                        Integer.parseInt(ours.split("\\.", 3)[1]),
                        ours.substring(0, ours.length() - weight.length()),
                        published.substring(
                            published.indexOf('.') + 1, published.length() - weight.length()),
                        shape.intDim(1),
                        shape.intDim(0)));
              }
            });
    return new AdaptableModules(config.layers(), all);
  }

  /** All of them. */
  public List<AdaptableModule> all() {
    return all;
  }

  /** Those that the targets of some settings name. */
  public List<AdaptableModule> adapted(LoraSettings settings) {
    return all.stream().filter(module -> settings.adapts(module.path())).toList();
  }

  /** The first layer that has one of those. */
  int firstAdapted(LoraSettings settings) {
    return adapted(settings).stream().mapToInt(AdaptableModule::layer).min().orElse(layers);
  }

  /**
   * Settings as a user gives them, checked against this encoder and with targets as an adapter's
   * file should have them, so that they name nothing else in the published model: {@link
   * LoraSettings#ALL_LINEAR} spelled out, and with frozen layers the whole name of each module.
   *
   * @param frozenLayers so many layers from the first on are not adapted
   * @throws UsageException if a target names no linear layer, the rank is above the width of one
   *     that is named, or no layer is left
   */
  public LoraSettings resolve(LoraSettings asked, int frozenLayers) {
    if (frozenLayers < 0 || frozenLayers >= layers) {
      throw new UsageException(
          "%d frozen layers leave none of the encoder's %d to be adapted; freeze 0 to %d."
              .formatted(frozenLayers, layers, layers - 1));
    }
    for (String target : asked.targets()) {
      requireKnown(target);
    }
    LoraSettings settings =
        asked.withTargets(
            asked.targets().contains(LoraSettings.ALL_LINEAR) ? EVERY : asked.targets());
    List<AdaptableModule> left =
        adapted(settings).stream().filter(module -> module.layer() >= frozenLayers).toList();
    if (left.isEmpty()) {
      throw new UsageException(
          "The LoRA targets %s are all in the %d frozen layers; freeze fewer."
              .formatted(String.join(", ", asked.targets()), frozenLayers));
    }
    for (AdaptableModule module : left) {
      int width = Math.min(module.in(), module.out());
      if (asked.rank() > width) {
        throw new UsageException(
            "The LoRA rank %d is above the width %d of %s; give at most %d."
                .formatted(asked.rank(), width, module.path(), width));
      }
    }
    return frozenLayers == 0
        ? settings
        : settings.withTargets(left.stream().map(AdaptableModule::path).toList());
  }

  private void requireKnown(String target) {
    if (target.equals(LoraSettings.ALL_LINEAR)
        || all.stream().anyMatch(module -> LoraSettings.isTarget(module.path(), target))) {
      return;
    }
    TreeSet<String> names =
        all.stream()
            .map(module -> module.path().replaceFirst("^encoder\\.layer\\.\\d+\\.", ""))
            .flatMap(path -> Stream.of(path, path.substring(path.lastIndexOf('.') + 1)))
            .collect(Collectors.toCollection(TreeSet::new));
    names.add(LoraSettings.ALL_LINEAR);
    throw new UsageException(
        "The LoRA target '%s' matches no linear layer of the encoder%s; there are %s."
            .formatted(
                target,
                Spelling.nearest(target, names)
                    .map(name -> ", did you mean '" + name + "'")
                    .orElse(""),
                String.join(", ", names)));
  }

  /**
   * The parameters of fresh factors by our names, such as {@code
   * layer.0.attention.query.lora_A.weight}: A as PyTorch's linear layers start, B zero.
   *
   * @param settings as {@link #resolve} gives them
   */
  public List<ParameterSpec> parameters(LoraSettings settings) {
    long rank = settings.rank();
    return adapted(settings).stream()
        .flatMap(
            module ->
                Stream.of(
                    new ParameterSpec(
                        a(module.name()),
                        Shape.of(rank, module.in()),
                        Initializer.fanIn(module.in())),
                    new ParameterSpec(
                        b(module.name()), Shape.of(module.out(), rank), Initializer.zeros())))
        .toList();
  }

  /**
   * The adapter with given factors.
   *
   * @param settings as {@link #resolve} gives them
   * @param values row-major, by the names of {@link #parameters}
   */
  public LoraAdapter adapter(
      LoraSettings settings, Function<String, float[]> values, LoraAdapter.Base base) {
    SequencedMap<String, LoraFactors> modules = new LinkedHashMap<>();
    for (AdaptableModule module : adapted(settings)) {
      modules.put(
          module.path(),
          new LoraFactors(
              settings.rank(),
              module.in(),
              module.out(),
              values.apply(a(module.name())),
              values.apply(b(module.name()))));
    }
    return new LoraAdapter(settings, modules, base);
  }

  /**
   * The factors of an adapter by the names of {@link #parameters}.
   *
   * @throws CodonfuseException if it does not fit; see {@link #factors}
   */
  public Map<String, float[]> values(LoraAdapter adapter) {
    Map<String, float[]> values = new LinkedHashMap<>();
    factors(adapter)
        .forEach(
            (module, factors) -> {
              values.put(a(module.name()), factors.a());
              values.put(b(module.name()), factors.b());
            });
    return values;
  }

  /**
   * The factors of an adapter by the module that they are for. Updates of heads are left out if
   * they are zero, as PEFT's {@code all-linear} has them.
   *
   * @throws CodonfuseException that names a module that this encoder has not, or has in another
   *     shape, or that the targets name and the adapter has not
   */
  SequencedMap<AdaptableModule, LoraFactors> factors(LoraAdapter adapter) {
    String where =
        adapter.directory().map(directory -> directory + ": ").orElse("") + "the adapter";
    Map<String, LoraFactors> given = new LinkedHashMap<>(adapter.modules());
    SequencedMap<AdaptableModule, LoraFactors> factors = new LinkedHashMap<>();
    for (AdaptableModule module : all) {
      LoraFactors update = given.remove(module.path());
      if (update != null) {
        if (update.in() != module.in() || update.out() != module.out()) {
          throw new CodonfuseException(
              "%s changes %s from %d to %d values, where the encoder's has %d and %d; give the"
                      .formatted(
                          where,
                          module.path(),
                          update.in(),
                          update.out(),
                          module.in(),
                          module.out())
                  + " model that it was trained on.");
        }
        factors.put(module, update);
      } else if (adapter.targets(module.path())) {
        throw new CodonfuseException(
            "%s has no update for %s, which its target_modules name; give the model that it was"
                    .formatted(where, module.path())
                + " trained on, or save the adapter again.");
      }
    }
    given.forEach(
        (path, update) -> {
          if (!isHead(path) || !update.isZero()) {
            throw new CodonfuseException(
                "%s changes %s, which %s; give the model that it was trained on%s."
                    .formatted(
                        where,
                        path,
                        isHead(path)
                            ? "is no part of the encoder"
                            : "the encoder of " + layers + " layers has not",
                        isHead(path) ? " merged with it by PEFT" : ""));
          }
        });
    return factors;
  }

  private static boolean isHead(String path) {
    return Stream.of("pooler.", "contact_head.", "lm_head.").anyMatch(path::startsWith);
  }

  /** The name of the factor A of a module of this name of ours. */
  static String a(String module) {
    return module + ".lora_A.weight";
  }

  /** The name of its factor B. */
  static String b(String module) {
    return module + ".lora_B.weight";
  }
}

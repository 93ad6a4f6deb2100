package org.codonfuse.encoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.lora.LoraSettings;
import org.codonfuse.parameters.Parameters;

/**
 * The low-rank updates of an encoder's linear layers (Hu et al. 2021): W + scale · B · A with A
 * [rank, in], B [out, rank]. Modules that are computed in one product share the dropout of what
 * they read, where PEFT draws one each.
 */
final class LoraUpdates {
  private final Backend backend;
  private final EncoderConfig config;
  private final LoraSettings settings;
  private final String prefix;
  private final Set<String> modules;

  /** The factors of one module. */
  private record Factors(Tensor a, Tensor b) {}

  /**
   * @param settings as {@link AdaptableModules#resolve} gives them
   * @param prefix of the parameters' names
   */
  LoraUpdates(Backend backend, EncoderConfig config, LoraSettings settings, String prefix) {
    this.backend = backend;
    this.config = config;
    this.settings = settings;
    this.prefix = prefix;
    this.modules =
        AdaptableModules.of(config).adapted(settings).stream()
            .map(AdaptableModule::name)
            .collect(Collectors.toSet());
  }

  /** What a layer becomes with the updates that it has. */
  Transformer.Layer updated(Transformer.Layer layer, int index, Parameters values) {
    String name = "layer." + index + ".";
    long inner = config.intermediateSize();
    Optional<Factors> wide = factors(name + "intermediate", values);
    return new Transformer.Layer(
        layer.attentionNorm(),
        with(layer.queryKeyValue(), queryKeyValue(name + "attention.", values)),
        layer.rotation(),
        with(layer.attentionOutput(), whole(name + "attention.output", values)),
        layer.norm(),
        layer.gate().map(gate -> with(gate, part(wide, 0, inner))),
        with(layer.intermediate(), part(wide, config.gated() ? inner : 0, inner)),
        with(layer.output(), whole(name + "output", values)));
  }

  private static Linear with(Linear base, Optional<Linear.LowRank> update) {
    return new Linear(base.weight(), base.bias(), update);
  }

  private Optional<Factors> factors(String module, Parameters values) {
    return modules.contains(module)
        ? Optional.of(
            new Factors(
                values.get(prefix + AdaptableModules.a(module)),
                values.get(prefix + AdaptableModules.b(module))))
        : Optional.empty();
  }

  private Optional<Linear.LowRank> whole(String module, Parameters values) {
    return factors(module, values).map(of -> new Linear.LowRank(of.a, scaled(of.b)));
  }

  private Optional<Linear.LowRank> part(Optional<Factors> wide, long start, long rows) {
    return wide.map(of -> new Linear.LowRank(of.a, scaled(backend.narrow(of.b, 0, start, rows))));
  }

  /** Queries, keys and values are one product: their updates stand in the rows of one matrix. */
  private Optional<Linear.LowRank> queryKeyValue(String attention, Parameters values) {
    List<Optional<Factors>> parts = new ArrayList<>();
    for (String part : LayerAssembly.QUERY_KEY_VALUE) {
      parts.add(factors(attention + part, values));
    }
    List<Factors> adapted = parts.stream().flatMap(Optional::stream).toList();
    if (adapted.isEmpty()) {
      return Optional.empty();
    }
    long rank = settings.rank();
    long width = rank * adapted.size();
    List<Tensor> rows = new ArrayList<>();
    long before = 0;
    for (Optional<Factors> part : parts) {
      if (part.isEmpty()) {
        rows.add(backend.full(0, Shape.of(config.hiddenSize(), width)));
        continue;
      }
      List<Tensor> columns = new ArrayList<>();
      zeros(before).ifPresent(columns::add);
      columns.add(scaled(part.get().b));
      zeros(width - rank - before).ifPresent(columns::add);
      rows.add(backend.concat(columns, 1));
      before += rank;
    }
    return Optional.of(
        new Linear.LowRank(
            backend.concat(adapted.stream().map(Factors::a).toList(), 0), backend.concat(rows, 0)));
  }

  private Optional<Tensor> zeros(long columns) {
    return columns == 0
        ? Optional.empty()
        : Optional.of(backend.full(0, Shape.of(config.hiddenSize(), columns)));
  }

  private Tensor scaled(Tensor b) {
    return backend.affine(b, settings.scale(), 0);
  }
}

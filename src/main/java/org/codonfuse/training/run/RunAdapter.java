package org.codonfuse.training.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.codonfuse.CodonfuseException;
import org.codonfuse.lora.LoraAdapter;

/**
 * An adapter of a run whose encoders were fine-tuned by LoRA.
 *
 * @param stream the input of the model that it belongs to
 * @param base where the encoder was that it was trained on
 * @param adapter as it is in the run's directory
 */
public record RunAdapter(String stream, Path base, LoraAdapter adapter) {
  /** Where the adapter of a stream is in a run. */
  public static Path directory(Path run, String stream) {
    return run.resolve(RunDirectory.ADAPTERS).resolve(stream);
  }

  /**
   * Those of a run in the order of its streams; streams whose encoders stayed as they were have
   * none.
   *
   * @throws CodonfuseException if it is no run, or an adapter is missing or cannot be read
   */
  public static List<RunAdapter> of(Path run) {
    List<RunAdapter> adapters = new ArrayList<>();
    RunConfig config = RunConfig.read(run.resolve(RunDirectory.CONFIG));
    for (RunConfig.Stream stream : config.streams()) {
      LearnedEncoder.of(run, config, stream)
          .adapter()
          .map(adapter -> new RunAdapter(stream.name(), Path.of(stream.encoder()), adapter))
          .ifPresent(adapters::add);
    }
    return adapters;
  }
}

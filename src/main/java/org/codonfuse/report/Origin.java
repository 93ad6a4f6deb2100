package org.codonfuse.report;

import java.util.List;
import org.codonfuse.baseline.RidgeConfig;
import org.codonfuse.training.run.Outputs;
import org.codonfuse.training.run.RunConfig;

/** What made a run, as its {@code config.json} says. */
sealed interface Origin {
  /** What it predicts. */
  Outputs outputs();

  /** The version of the program. */
  String version();

  /** The file that it learned from. */
  String file();

  /** The hash of that file. */
  String sha256();

  /** A training. */
  record Trained(RunConfig config) implements Origin {
    @Override
    public Outputs outputs() {
      return new Outputs(config.task(), config.classes(), config.targets());
    }

    @Override
    public String version() {
      return config.codonfuse();
    }

    @Override
    public String file() {
      return config.data().file();
    }

    @Override
    public String sha256() {
      return config.data().sha256();
    }

    List<String> streams() {
      return config.streams().stream().map(RunConfig.Stream::name).toList();
    }
  }

  /** A ridge regression. */
  record Ridge(RidgeConfig config) implements Origin {
    @Override
    public Outputs outputs() {
      return new Outputs(config.task(), config.classes(), config.targets());
    }

    @Override
    public String version() {
      return config.codonfuse();
    }

    @Override
    public String file() {
      return config.file();
    }

    @Override
    public String sha256() {
      return config.sha256();
    }
  }
}

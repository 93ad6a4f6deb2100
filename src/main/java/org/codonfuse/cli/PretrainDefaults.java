package org.codonfuse.cli;

import java.util.Map;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What the training of an encoder has for other defaults than that of a predictor. */
final class PretrainDefaults implements IDefaultValueProvider {
  private static final Map<String, String> VALUES =
      Map.of(
          "--epochs", "100",
          "--patience", "10",
          "--learning-rate", "4e-4",
          "--warmup-epochs", "1",
          "--clip-norm", "1");

  /** For picocli. */
  PretrainDefaults() {}

  @Override
  public String defaultValue(ArgSpec argument) {
    return argument instanceof OptionSpec option ? VALUES.get(option.longestName()) : null;
  }
}

package org.codonfuse.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.run.TestRuns;

/** A folder with data and encoders, and the command line called on it. */
record RunCommandsFixture(Path folder) {
  static RunCommandsFixture create(Path folder) throws IOException {
    RunCommandsFixture fixture = new RunCommandsFixture(folder);
    TestRuns.encoders(folder, 1);
    Files.writeString(fixture.data(), TestRuns.csv());
    return fixture;
  }

  /** What a command said and returned. */
  record Said(int code, String out, String err) {}

  Path data() {
    return folder.resolve("data.csv");
  }

  Path encoder(Molecule molecule) {
    return folder.resolve(molecule.label());
  }

  /** Runs a command; {@code @name} in an argument is a path in the folder. */
  Said call(String... args) {
    String[] resolved =
        Stream.of(args).map(arg -> arg.replace("@", folder + "/")).toArray(String[]::new);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Main.execute(new PrintStream(out), new PrintStream(err), resolved);
    return new Said(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs {@code train} for a few epochs; later options replace earlier ones. */
  Said train(String... options) {
    return call(withDefaults("train", List.of(options)));
  }

  /** Runs {@code finetune} likewise. */
  Said finetune(String... options) {
    return call(withDefaults("finetune", List.of(options)));
  }

  /** What {@link #train} or another command with its defaults runs. */
  List<String> command(String name, String... options) {
    return Stream.of(withDefaults(name, List.of(options)))
        .map(arg -> arg.replace("@", folder + "/"))
        .toList();
  }

  private static String[] withDefaults(String command, List<String> options) {
    List<String> args = new ArrayList<>(List.of(command));
    Map<String, String> defaults =
        new TreeMap<>(
            Map.of(
                "--data", "@data.csv",
                "--rna", "@rna",
                "--fusion", "rna",
                "--head", "mlp",
                "--head-dim", "8",
                "--epochs", "2",
                "--learning-rate", "1e-2",
                "--cache", "@cache",
                "--output", "@out/run"));
    options.forEach(option -> defaults.remove(option.split("=", 2)[0]));
    defaults.forEach((name, value) -> args.add(name + "=" + value));
    options.stream().filter(option -> !option.endsWith("=")).forEach(args::add);
    return args.toArray(String[]::new);
  }

  /** Everything in the folder with its size, but for the cache. */
  Map<String, Long> contents() throws IOException {
    Map<String, Long> contents = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.toList()) {
        String name = folder.relativize(path).toString();
        if (!name.startsWith("cache")) {
          contents.put(name, Files.isDirectory(path) ? -1 : Files.size(path));
        }
      }
    }
    return contents;
  }
}

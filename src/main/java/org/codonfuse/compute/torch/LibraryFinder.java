package org.codonfuse.compute.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the file of the native library, without loading it.
 *
 * @param property value of {@link TorchLibrary#PROPERTY}
 * @param variable value of {@link TorchLibrary#VARIABLE}
 * @param application the jar or the folder of classes that this runs from
 */
record LibraryFinder(
    Optional<String> property, Optional<String> variable, Optional<Path> application) {
  static final String FILE = "libcodonfuse.so";

  /** System property with the command that builds the library, where it is not Maven's. */
  static final String COMMAND = "codonfuse.build";

  static final String BUILD =
      "build it with " + System.getProperty(COMMAND, "mvn package -DskipTests");

  /** The variable that switches the library off. */
  private static final String SWITCH = "CODONFUSE_LIBTORCH";

  /** Where the build says in one line why it made no library. */
  private static final String NOT_BUILT = "UNAVAILABLE";

  /** The library's file, which exists. */
  Path find() throws Refusal {
    if (property.isPresent()) {
      return named(property.get(), "the system property " + TorchLibrary.PROPERTY);
    }
    if (variable.isPresent()) {
      return named(variable.get(), "the environment variable " + TorchLibrary.VARIABLE);
    }
    List<Path> folders = folders();
    for (Path folder : folders) {
      Path file = folder.resolve(FILE);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    for (Path folder : folders) {
      refuseIfNotBuilt(folder);
    }
    String searched =
        folders.isEmpty()
            ? "its place is unknown where the application is not in a file"
            : FILE + " is in none of " + folders;
    throw new Refusal(searched, BUILD + ", or name it with -D" + TorchLibrary.PROPERTY + "=FILE");
  }

  private static Path named(String value, String source) throws Refusal {
    Path path = Path.of(value).toAbsolutePath().normalize();
    if (!Files.isDirectory(path)) {
      if (Files.isRegularFile(path)) {
        return path;
      }
      throw new Refusal(
          source + " names " + path + ", which does not exist", BUILD + ", or correct " + source);
    }
    Path file = path.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      refuseIfNotBuilt(path);
      throw new Refusal(
          source + " names " + path + ", where there is no " + FILE,
          BUILD + ", or correct " + source);
    }
    return file;
  }

  /** {@code native} beside the application, then beside its folder ({@code lib/*.jar}). */
  private List<Path> folders() {
    return application.map(Path::toAbsolutePath).map(Path::getParent).stream()
        .flatMap(parent -> Stream.of(parent, parent.resolve("..")))
        .map(folder -> folder.resolve("native").normalize())
        .distinct()
        .toList();
  }

  private static void refuseIfNotBuilt(Path folder) throws Refusal {
    Path note = folder.resolve(NOT_BUILT);
    if (!Files.isRegularFile(note)) {
      return;
    }
    try {
      String why = Files.readString(note).strip().replaceFirst("\\.$", "");
      throw new Refusal(
          "the native library was not built: " + why,
          (why.contains(SWITCH)
                  ? "unset " + SWITCH
                  : "make LibTorch available (scripts/libtorch says how)")
              + " and "
              + BUILD);
    } catch (IOException e) {
      throw new Refusal("the native library was not built, see " + note, BUILD, e);
    }
  }
}

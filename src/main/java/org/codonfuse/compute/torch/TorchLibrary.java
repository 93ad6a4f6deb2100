package org.codonfuse.compute.torch;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.torch.binding.CodonfuseNative;

/**
 * The native library over LibTorch: found, checked and loaded at the first question, once per
 * process, and never unloaded. Any thread may ask.
 *
 * <p>The file is {@code libcodonfuse.so}, looked for in this order; a place that is named but does
 * not have it is an error rather than a reason to look further:
 *
 * <ol>
 *   <li>the system property {@value #PROPERTY}, a file or a folder;
 *   <li>the environment variable {@value #VARIABLE}, a file or a folder;
 *   <li>{@code native/} in the folder that holds the application's jar, then {@code ../native/}.
 * </ol>
 */
final class TorchLibrary {
  /** System property with the library's file or folder. */
  static final String PROPERTY = "codonfuse.native";

  /** Environment variable with the library's file or folder. */
  static final String VARIABLE = "CODONFUSE_NATIVE";

  private static final int[] OLDEST = {2, 9};
  private static final int[] NEWEST = {2, 13};
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\b.*");
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  private static State state;

  private TorchLibrary() {}

  private sealed interface State {}

  private record Loaded(Path file, int abiVersion, String version) implements State {}

  private record Refused(Unavailable reason) implements State {}

  /** Why the library cannot be used; empty if it can. Loads it. */
  static Optional<Unavailable> refusal() {
    return switch (state()) {
      case Loaded _ -> Optional.empty();
      case Refused(Unavailable reason) -> Optional.of(reason);
    };
  }

  /** What is loaded; empty if the library cannot be used, for which {@link #refusal} has why. */
  static Optional<TorchInfo> describe() {
    if (!(state() instanceof Loaded loaded)) {
      return Optional.empty();
    }
    LoadedLibraries libraries = LoadedLibraries.now();
    return Optional.of(
        new TorchInfo(
            loaded.file,
            loaded.abiVersion,
            loaded.version,
            libraries.directory(),
            cpuCapability(),
            CodonfuseNative.cf_get_threads(),
            libraries.hasCuda(),
            CudaDevices.all()));
  }

  /**
   * Version of LibTorch.
   *
   * @throws CodonfuseException with cause and remedy if the library cannot be used
   */
  static String version() {
    return switch (state()) {
      case Loaded loaded -> loaded.version;
      case Refused(Unavailable reason) ->
          throw new CodonfuseException(
              "LibTorch cannot be used: " + reason.cause() + "; " + reason.remedy() + ".");
    };
  }

  static String cpuCapability() {
    return CodonfuseNative.cf_cpu_capability().getString(0);
  }

  /** What LibTorch says of one of its build options. */
  static String option(String name) {
    try (Arena arena = Arena.ofConfined()) {
      return CodonfuseNative.cf_libtorch_option(arena.allocateFrom(name)).getString(0);
    }
  }

  private static synchronized State state() {
    if (state == null) {
      try {
        state = load();
      } catch (Refusal refusal) {
        state = new Refused(refusal.reason());
      }
    }
    return state;
  }

  private static Loaded load() throws Refusal {
    requireNativeAccess();
    Path file =
        new LibraryFinder(
                Optional.ofNullable(System.getProperty(PROPERTY)).filter(s -> !s.isBlank()),
                Optional.ofNullable(System.getenv(VARIABLE)).filter(s -> !s.isBlank()),
                application())
            .find();
    requireSharedObject(file);
    open(file);
    int abi = abiVersion(file);
    String version = CodonfuseNative.cf_libtorch_version().getString(0);
    requireSupported(version);
    requireSame(file, version);
    prepareExit();
    return new Loaded(file, abi, version);
  }

  /** SIGTERM ends the process while threads compute, under which nothing must be destroyed. */
  private static void prepareExit() {
    try {
      Runtime.getRuntime()
          .addShutdownHook(new Thread(CodonfuseNative::cf_prepare_exit, "codonfuse-exit"));
    } catch (IllegalStateException _) {
      // The process is stopping already.
    }
  }

  private static void requireNativeAccess() throws Refusal {
    Module module = TorchLibrary.class.getModule();
    if (!module.isNativeAccessEnabled()) {
      throw new Refusal(
          "this Java process may not call native code",
          "start java with --enable-native-access="
              + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
    }
  }

  /** The JVM warns of unrelated things before it finds that a file is no library. */
  private static void requireSharedObject(Path file) throws Refusal {
    try (InputStream in = Files.newInputStream(file)) {
      if (!Arrays.equals(in.readNBytes(ELF.length), ELF)) {
        throw new Refusal(
            file + " is corrupt: it is no shared library",
            "delete the file and " + LibraryFinder.BUILD);
      }
    } catch (IOException e) {
      throw new Refusal(file + " cannot be read: " + e.getMessage(), "make the file readable", e);
    }
  }

  @SuppressWarnings("restricted")
  private static void open(Path file) throws Refusal {
    try {
      System.load(file.toString());
    } catch (UnsatisfiedLinkError e) {
      String message = String.valueOf(e.getMessage()).replace(file + ": ", "");
      String remedy =
          message.contains("cannot open shared object file")
              ? "LibTorch was moved or removed, so " + LibraryFinder.BUILD + " against another"
              : message.contains("undefined symbol")
                  ? "the LibTorch that was found is another than it was built with: take it out of"
                      + " LD_LIBRARY_PATH, or set LIBTORCH_HOME to it and "
                      + LibraryFinder.BUILD
                  : "delete the file and " + LibraryFinder.BUILD;
      throw new Refusal(file + " does not load: " + message, remedy, e);
    }
  }

  private static int abiVersion(Path file) throws Refusal {
    if (SymbolLookup.loaderLookup().find("cf_abi_version").isEmpty()) {
      throw new Refusal(
          file + " is not the library of Codonfuse", "name " + LibraryFinder.FILE + " instead");
    }
    int abi = CodonfuseNative.cf_abi_version();
    if (abi != CodonfuseNative.CF_ABI_VERSION()) {
      throw new Refusal(
          file + " has ABI version " + abi + " instead of " + CodonfuseNative.CF_ABI_VERSION(),
          LibraryFinder.BUILD + ", from the same sources as the application");
    }
    return abi;
  }

  private static void requireSupported(String version) throws Refusal {
    Matcher matcher = VERSION.matcher(version);
    if (matcher.matches()) {
      int[] parts = {Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))};
      if (Arrays.compare(parts, OLDEST) >= 0 && Arrays.compare(parts, NEWEST) <= 0) {
        return;
      }
    }
    throw new Refusal(
        "LibTorch " + version + " is not one of 2.9 to 2.13",
        "set LIBTORCH_HOME to a supported one and " + LibraryFinder.BUILD);
  }

  /** What was compiled for one version and runs with another ends the process sooner or later. */
  private static void requireSame(Path file, String version) throws Refusal {
    LoadedLibraries libraries = LoadedLibraries.now();
    if (libraries.directories().size() > 1) {
      throw new Refusal(
          "parts of LibTorch are loaded from several folders, " + libraries.directories(),
          "leave one of them, or none, in LD_LIBRARY_PATH and LD_PRELOAD");
    }
    String loaded = option("TORCH_VERSION");
    if (!loaded.isEmpty() && !numbers(loaded).equals(numbers(version))) {
      throw new Refusal(
          file
              + " was built with LibTorch "
              + version
              + " and LibTorch "
              + loaded
              + libraries.directory().map(folder -> " from " + folder).orElse("")
              + " is loaded",
          "take that folder out of LD_LIBRARY_PATH and LD_PRELOAD, or set LIBTORCH_HOME to it and "
              + LibraryFinder.BUILD);
    }
  }

  private static String numbers(String version) {
    return version.replaceFirst("^(\\d+\\.\\d+\\.\\d+).*", "$1");
  }

  private static Optional<Path> application() {
    CodeSource source = TorchLibrary.class.getProtectionDomain().getCodeSource();
    if (source == null || !source.getLocation().getProtocol().equals("file")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(source.getLocation().toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException("Location " + source.getLocation() + " is no URI", e);
    }
  }
}

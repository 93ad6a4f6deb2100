package org.codonfuse.compute.vector;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendProvider;
import org.codonfuse.compute.Device;

/**
 * The vector backend with vectors of another width than this machine prefers. A width is for the
 * life of a class, so that every width has its own copy of this package's classes.
 */
final class ForcedWidth extends ClassLoader {
  private static final String PACKAGE = "org.codonfuse.compute.vector.";

  private final BackendProvider provider;

  /**
   * @param bits 128, 256 or 512; wider vectors than the processor has are emulated by Java
   */
  ForcedWidth(int bits) {
    super(ForcedWidth.class.getClassLoader());
    String before = System.getProperty(VectorWidth.PROPERTY);
    System.setProperty(VectorWidth.PROPERTY, Integer.toString(bits));
    try {
      provider =
          (BackendProvider)
              loadClass(PACKAGE + "VectorProvider").getDeclaredConstructor().newInstance();
      // Reads the property, once.
      if (!provider.probe(Device.CPU).toString().contains(bits + " bits")) {
        throw new AssertionError(provider.probe(Device.CPU));
      }
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("The vector backend cannot be loaded twice", e);
    } finally {
      if (before == null) {
        System.clearProperty(VectorWidth.PROPERTY);
      } else {
        System.setProperty(VectorWidth.PROPERTY, before);
      }
    }
  }

  Backend open(int threads) {
    return provider.open(Device.CPU, threads);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(PACKAGE)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

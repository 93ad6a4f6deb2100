package org.codonfuse.embedding;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.Tensor;

/** Backends whose memory ends at a number of tokens, or whose results are wrong. */
final class FailingBackend {
  private FailingBackend() {}

  /**
   * @param kind of the failures
   * @param tokens that a layer normalisation can take at most
   */
  static Backend limited(Backend backend, DeviceException.Kind kind, long tokens) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) -> {
              if (method.getName().equals("layerNorm") && rows((Tensor) arguments[0]) > tokens) {
                throw new DeviceException(kind, "No room.", null);
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /**
   * @param factor of all values that are read
   */
  static Backend scaled(Backend backend, float factor) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) -> {
              if (method.getName().equals("read")) {
                arguments[0] = backend.affine((Tensor) arguments[0], factor, 0);
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static long rows(Tensor x) {
    return x.shape().size() / x.shape().dim(-1);
  }
}

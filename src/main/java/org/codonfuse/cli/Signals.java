package org.codonfuse.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals of the operating system. The class that the JDK has for them cannot be named without a
 * warning that cannot be suppressed: it is used by reflection.
 */
final class Signals {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private Signals() {}

  /**
   * Handles a signal from now on, in a thread of its own.
   *
   * @param name without SIG; one that this system does not have, or that the virtual machine keeps
   *     for itself, is never seen
   */
  static void handle(String name, Runnable handler) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {type},
              (_, method, arguments) -> {
                if (!method.getName().equals("handle")) {
                  return method.invoke(handler, arguments); // Those of every object.
                }
                handler.run();
                return null;
              });
      signal
          .getMethod("handle", signal, type)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (InvocationTargetException e) {
      LOG.debug("SIG{} cannot be handled", name, e.getCause());
    } catch (ReflectiveOperationException e) {
      LOG.debug("SIG{} cannot be handled", name, e);
    }
  }
}

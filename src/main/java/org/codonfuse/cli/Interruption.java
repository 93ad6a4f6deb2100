package org.codonfuse.cli;

/** Says something if the process is asked to stop before this is closed. */
final class Interruption implements AutoCloseable {
  private final Thread hook;

  /**
   * @param line what to say
   */
  Interruption(Console console, String line) {
    hook = new Thread(() -> console.note(line), "codonfuse-interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is stopping already.
    }
  }
}

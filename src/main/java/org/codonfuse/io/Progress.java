package org.codonfuse.io;

/** Where long work says how far it is, without knowing who watches. */
@FunctionalInterface
public interface Progress {
  /** Nobody watches. */
  Progress NONE =
      (_, _) ->
          new Task() {
            @Override
            public void step(long count) {}

            @Override
            public void message(String text) {}

            @Override
            public void close() {}
          };

  /**
   * Begins a task; the caller closes it, on failure too.
   *
   * @param name what is done, such as {@code Embedding DNA}
   * @param total the units of work, 0 if unknown
   */
  Task start(String name, long total);

  /** Work under way. Any thread may report. */
  interface Task extends AutoCloseable {
    /**
     * Reports work done since the last report.
     *
     * @param count units
     */
    void step(long count);

    /** Replaces the remark shown beside the progress, such as the loss of the last epoch. */
    void message(String text);

    /** Ends the task. */
    @Override
    void close();
  }
}

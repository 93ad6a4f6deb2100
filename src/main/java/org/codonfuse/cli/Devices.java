package org.codonfuse.cli;

import java.util.List;
import java.util.Optional;
import org.codonfuse.UsageException;

/**
 * Which devices the processes of a run compute on.
 *
 * @param processes their number
 * @param onGpus those that compute on GPUs
 * @param gpus the number of different GPUs
 */
record Devices(int processes, int onGpus, int gpus) {
  /**
   * Counts them.
   *
   * @param ids of the device of each process, see {@link org.codonfuse.compute.Backend#deviceId}
   */
  static Devices of(List<Optional<String>> ids) {
    List<String> gpus = ids.stream().flatMap(Optional::stream).toList();
    return new Devices(ids.size(), gpus.size(), (int) gpus.stream().distinct().count());
  }

  /**
   * Refuses what cannot work together; what it says is the same in all processes.
   *
   * @throws UsageException if some processes have a GPU and others not, or if processes that train
   *     share one
   */
  void require(boolean training) {
    if (onGpus > 0 && onGpus < processes) {
      throw new UsageException(
          "%d of the %d processes compute on GPUs and the others on CPUs; --device cuda says why,"
                  .formatted(onGpus, processes)
              + " --device cpu does without GPUs");
    }
    if (training && isShared()) {
      throw new UsageException(
          "%d processes would train on %s, and NCCL gives a GPU to one process only; start %d, one"
                  .formatted(processes, count(), gpus)
              + " for each GPU, or use --device cpu");
    }
  }

  /** Whether a GPU has several processes. */
  boolean isShared() {
    return gpus < onGpus;
  }

  /** What to say of processes that share GPUs. */
  String describeShared() {
    return "%d processes share %s.".formatted(processes, count());
  }

  private String count() {
    return gpus + (gpus == 1 ? " GPU" : " GPUs");
  }
}

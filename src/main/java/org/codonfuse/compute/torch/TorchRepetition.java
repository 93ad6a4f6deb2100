package org.codonfuse.compute.torch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.codonfuse.compute.HostRead;
import org.codonfuse.compute.Repetition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Steps as graphs of a CUDA device, one for each shape that comes back. */
final class TorchRepetition implements Repetition {
  private static final Logger LOG = LoggerFactory.getLogger(TorchRepetition.class);

  /** Steps of a shape that are computed before one is recorded: libraries prepare themselves. */
  private static final int WARM_UP = 2;

  /** Shapes that are recorded; each holds memory for what its steps compute. */
  private static final int MOST = 16;

  private final TorchBackend backend;
  private final Map<Object, Tape> tapes = new HashMap<>();
  private final Map<Object, Integer> seen = new HashMap<>();
  private boolean refused;

  TorchRepetition(TorchBackend backend) {
    this.backend = backend;
  }

  @Override
  public List<HostRead> run(Object shape, Supplier<List<HostRead>> step) {
    Tape tape = tapes.get(shape);
    if (tape != null) {
      return replay(shape, tape, step);
    }
    boolean known = seen.merge(shape, 1, Integer::sum) > WARM_UP;
    return known && !refused && tapes.size() < MOST ? record(shape, step) : step.get();
  }

  private List<HostRead> record(Object shape, Supplier<List<HostRead>> step) {
    Optional<Tape> begun;
    try {
      begun = backend.beginTape();
    } catch (RuntimeException e) {
      LOG.debug("Nothing can be recorded", e);
      begun = Optional.empty();
    }
    if (begun.isEmpty()) {
      refused = true;
      return step.get();
    }
    Tape tape = begun.get();
    try {
      List<HostRead> reads =
          kept(
              backend.with(tape, step),
              () -> {
                tape.end();
                tape.launch(true);
              });
      tapes.put(shape, tape);
      return reads;
    } catch (RuntimeException e) {
      // Nothing was computed: it is now, and what is wrong with the step itself shows again.
      LOG.debug("A step of {} is not recorded", shape, e);
      forget(tape);
      return step.get();
    } catch (Error e) {
      forget(tape);
      throw e;
    }
  }

  /** Records no more; what was recorded may draw from random numbers that are no longer seeded. */
  private void forget(Tape tape) {
    refused = true;
    tape.abandon();
    tape.close();
    close();
  }

  private List<HostRead> replay(Object shape, Tape tape, Supplier<List<HostRead>> step) {
    tape.rewind();
    List<HostRead> reads;
    try {
      reads = kept(backend.with(tape, step), tape::requireWhole);
    } catch (Tape.Diverged e) {
      LOG.debug("A step of {} is not what was recorded", shape, e);
      return step.get();
    }
    return kept(reads, () -> tape.launch(false));
  }

  /** The reads of a step, which are closed if what follows fails: nobody gets them then. */
  private static List<HostRead> kept(List<HostRead> reads, Runnable next) {
    try {
      next.run();
      return reads;
    } catch (RuntimeException | Error e) {
      reads.forEach(HostRead::close);
      throw e;
    }
  }

  /** Number of shapes that are recorded. */
  int recorded() {
    return tapes.size();
  }

  @Override
  public void close() {
    tapes.values().forEach(Tape::close);
    tapes.clear();
  }
}
